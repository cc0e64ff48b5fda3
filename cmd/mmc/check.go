package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"mmc/internal/diag"
)

// checkCmd is mmc check.
type checkCmd struct {
	Files  []string `arg:"" help:".mm files, or generated folders." type:"path"`
	Source []string `help:"The .mm file of the generated folders, where it is not in or just above them; repeat it for several." placeholder:"FILE.mm" type:"path" sep:"none"`
	JSON   bool     `help:"Print diagnostics as JSON, one object a line." name:"json"`
}

// Help is shown by mmc check --help.
func (checkCmd) Help() string {
	return `A generated folder is stale when its source, compiled as its header says, no longer gives the same bytes.

Examples:
  mmc check unet.mm
  mmc check models/*.mm --json
  mmc check ./unet --source models/unet.mm`
}

// Run checks every file and fails if any has an error.
func (c *checkCmd) Run(e *env) error {
	failed := false
	for _, file := range c.Files {
		err := c.one(e, file)
		switch {
		case err == nil:
			continue
		case errors.Is(err, e.ctx.Err()):
			return err
		}
		failed = true
		if !c.JSON {
			e.report(err)
		} else if err := c.printJSON(e, file, err); err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func (c *checkCmd) one(e *env, file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		if err := e.checkGenerated(file, c.Source); err != nil {
			return err
		}
		c.say(e, "%s: up to date\n", shorten(file))
		return nil
	}
	p, warnings, err := e.program(file, nil)
	if err != nil {
		return err
	}
	if c.JSON {
		return printDiagnostics(e, warnings)
	}
	e.diagnose(warnings)
	c.say(e, "%s: ok, %s\n", shorten(file), plural(len(p.ModelNames()), "model"))
	return nil
}

// say tells people that all is well; programs see it in the exit code.
func (c *checkCmd) say(e *env, format string, args ...any) {
	if !c.JSON {
		fmt.Fprintf(e.out, format, args...)
	}
}

func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}

// printJSON prints an error as diagnostics; one that is of a file as a whole has no place in it.
func (c *checkCmd) printJSON(e *env, file string, err error) error {
	var list diag.List
	if !errors.As(err, &list) {
		list = diag.List{diag.New("file", diag.Range{File: shorten(file)}, err.Error())}
	}
	return printDiagnostics(e, list)
}

// diagnosticJSON is a diagnostic as programs read it. Lines and columns count from 1, columns in characters; all are 0 where
// the whole file is meant. The end lies behind the last character.
type diagnosticJSON struct {
	placeJSON
	Severity string        `json:"severity"` // error, warning or note
	Code     string        `json:"code"`     // stable; docs/errors.md lists all
	Message  string        `json:"message"`
	Hint     string        `json:"hint,omitempty"`
	Related  []relatedJSON `json:"related,omitempty"`
	Fixes    []fixJSON     `json:"fixes,omitempty"`
}

type placeJSON struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

type relatedJSON struct {
	placeJSON
	Message string `json:"message"`
}

// fixJSON is an edit: the text replaces what stands at the place.
type fixJSON struct {
	placeJSON
	Text    string `json:"text"`
	Message string `json:"message"`
}

func placed(r diag.Range) placeJSON {
	return placeJSON{r.File, r.Start.Line, r.Start.Col, r.End.Line, r.End.Col}
}

func printDiagnostics(e *env, list diag.List) error {
	for _, d := range list {
		x := diagnosticJSON{placeJSON: placed(d.Range), Severity: d.Severity.String(), Code: d.Code, Message: d.Message, Hint: d.Hint}
		for _, r := range d.Related {
			x.Related = append(x.Related, relatedJSON{placed(r.Range), r.Message})
		}
		for _, f := range d.Fixes {
			x.Fixes = append(x.Fixes, fixJSON{placed(f.Range), f.NewText, f.Message})
		}
		if err := json.NewEncoder(e.out).Encode(x); err != nil {
			return err
		}
	}
	return nil
}
