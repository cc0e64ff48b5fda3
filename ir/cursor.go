package ir

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// cursor reads the text form. It keeps the first error, after which every method returns nothing.
type cursor struct {
	text string
	at   int
	err  error
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		line := 1 + strings.Count(c.text[:c.at], "\n")
		c.err = fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...))
	}
}

// rest is what lies before the cursor, behind blanks.
func (c *cursor) rest() string {
	for c.at < len(c.text) && strings.IndexByte(" \t\r\n", c.text[c.at]) >= 0 {
		c.at++
	}
	if c.err != nil {
		return ""
	}
	return c.text[c.at:]
}

// accept skips a literal, if it is next.
func (c *cursor) accept(lit string) bool {
	rest := c.rest()
	if !strings.HasPrefix(rest, lit) || rest == "" {
		return false
	}
	if after := rest[len(lit):]; isWordByte(lit[len(lit)-1]) && after != "" && isWordByte(after[0]) {
		return false // the beginning of a longer word
	}
	c.at += len(lit)
	return true
}

func (c *cursor) expect(lit string) {
	if !c.accept(lit) {
		c.fail("expected %q before %.20q", lit, c.rest())
	}
}

func isWordByte(b byte) bool {
	return b == '_' || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
}

// word reads an identifier.
func (c *cursor) word() string {
	rest, n := c.rest(), 0
	for n < len(rest) && isWordByte(rest[n]) {
		n++
	}
	if n == 0 {
		c.fail("expected a word before %.20q", rest)
	}
	c.at += n
	return rest[:n]
}

// quoted reads a Go string.
func (c *cursor) quoted() string {
	prefix, err := strconv.QuotedPrefix(c.rest())
	if err != nil {
		c.fail("expected a string before %.20q", c.rest())
		return ""
	}
	c.at += len(prefix)
	s, err := strconv.Unquote(prefix)
	if err != nil {
		c.fail("%v", err)
	}
	return s
}

// optionalQuoted reads a string, if one is next.
func (c *cursor) optionalQuoted() string {
	if strings.HasPrefix(c.rest(), `"`) {
		return c.quoted()
	}
	return ""
}

// until reads up to one of the bytes in stop, outside brackets and strings.
func (c *cursor) until(stop string) string {
	rest, depth := c.rest(), 0
	for i := 0; i < len(rest); i++ {
		b := rest[i]
		switch {
		case depth == 0 && strings.IndexByte(stop, b) >= 0:
			c.at += i
			return strings.TrimSpace(rest[:i])
		case b == '"':
			prefix, err := strconv.QuotedPrefix(rest[i:])
			if err != nil {
				c.fail("%v", err)
				return ""
			}
			i += len(prefix) - 1
		case strings.IndexByte("([{", b) >= 0:
			depth++
		case strings.IndexByte(")]}", b) >= 0:
			depth--
		}
	}
	c.fail("expected one of %q", stop)
	return ""
}

// line reads to the end of the line.
func (c *cursor) line() string {
	rest := c.rest()
	n := strings.IndexByte(rest, '\n')
	if n < 0 {
		n = len(rest)
	}
	c.at += n
	return strings.TrimSpace(rest[:n])
}

// list reads items up to the closing literal, parted by commas.
func (c *cursor) list(end string, item func()) {
	if c.accept(end) {
		return
	}
	for c.err == nil {
		item()
		if c.accept(end) {
			return
		}
		c.expect(",")
	}
}

func (c *cursor) float() float64 {
	x, err := strconv.ParseFloat(c.until(" \n,)"), 64)
	if err != nil {
		c.fail("%v", err)
	}
	return x
}
