package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// assignments are the values of a flag that is given as NAME=VALUE, once for each name.
type assignments map[string]string

// Decode reads one of them.
func (a *assignments) Decode(ctx *kong.DecodeContext) error {
	name, value, err := assignment(ctx)
	if err != nil {
		return err
	}
	return assign((*map[string]string)(a), name, value)
}

// sizes are the values of a flag that is given as NAME=SIZE.
type sizes map[string]int64

// Decode reads one of them. Whether a size is one of the graph is asked when the graph is known.
func (s *sizes) Decode(ctx *kong.DecodeContext) error {
	name, text, err := assignment(ctx)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s=%s is beyond all sizes", name, text)
	case err != nil:
		return fmt.Errorf("%s=%s: a size is a whole number", name, text)
	}
	return assign((*map[string]int64)(s), name, n)
}

// assignment takes NAME=VALUE off the command line.
func assignment(ctx *kong.DecodeContext) (name, value string, err error) {
	form := ctx.Value.Tag.PlaceHolder
	if form == "" {
		form = "NAME=VALUE"
	}
	if ctx.Scan.Peek().IsEOL() {
		return "", "", fmt.Errorf("%s is missing", form)
	}
	text := ctx.Scan.Pop().String()
	name, value, ok := strings.Cut(text, "=")
	if name = strings.TrimSpace(name); !ok || name == "" || value == "" {
		return "", "", fmt.Errorf("%s is wanted, not %q", form, text)
	}
	return name, value, nil
}

// assign adds a value. Of two values for one name, one is a slip.
func assign[V any](to *map[string]V, name string, value V) error {
	if _, twice := (*to)[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	if *to == nil {
		*to = map[string]V{}
	}
	(*to)[name] = value
	return nil
}

// phrase is how the parser of flags says something, and how this command does.
type phrase struct {
	form *regexp.Regexp
	text string
}

var phrases = []phrase{
	{regexp.MustCompile(`^expected "<(file)> ?\.*"$`), `the $1 is missing`},
	{regexp.MustCompile(`^expected "<(files)> ?\.*"$`), `the $1 are missing`},
	{regexp.MustCompile(`^expected "<(\S+)>"$`), `the $1 is missing`},
	{regexp.MustCompile(`^missing flags: (--\S+)$`), `$1 is missing`},
	{regexp.MustCompile(`^(--[-\w]+): expected \w+ value but got "EOL".*$`), `$1: its value is missing`},
	{regexp.MustCompile(`^(--[-\w]+): expected \w+ value but got "(.*)" \(short flag\).*$`), `$1: what begins with a minus is given as $1=$2`},
	{regexp.MustCompile(`^(--[-\w]+): expected a valid 64 bit uint but got "(.*)"$`), `$1: $2 is no whole number from 0 to 18446744073709551615`},
	{regexp.MustCompile(`^(--[-\w]+): expected a valid 64 bit int but got "(.*)"$`), `$1: $2 is no whole number, or too large`},
}

// plainWords says in this command's words what the parser of flags says.
func plainWords(text string) string {
	for _, p := range phrases {
		if p.form.MatchString(text) {
			return p.form.ReplaceAllString(text, p.text)
		}
	}
	return text
}
