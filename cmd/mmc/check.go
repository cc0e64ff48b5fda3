package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"mmc/internal/diag"
	"mmc/lang/syntax"
)

// checkCmd is mmc check.
type checkCmd struct {
	Files []string `arg:"" help:".mm files, or generated folders." type:"path"`
	JSON  bool     `help:"Print diagnostics as JSON, one object a line." name:"json"`
}

// Help is shown by mmc check --help.
func (checkCmd) Help() string {
	return "Examples:\n  mmc check unet.mm\n  mmc check models/*.mm --json\n  mmc check ./unet     (is the generated package up to date?)"
}

// Run checks every file and fails if any has an error.
func (c *checkCmd) Run(e *env) error {
	failed := false
	for _, file := range c.Files {
		err := c.one(e, file)
		var list diag.List
		switch {
		case err == nil:
		case errors.As(err, &list) && c.JSON:
			failed = true
			for _, d := range list {
				if err := json.NewEncoder(e.out).Encode(d); err != nil {
					return err
				}
			}
		default:
			failed = true
			e.report(err)
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func (c *checkCmd) one(e *env, file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return checkGenerated(file)
	}
	p, err := e.program(file, nil)
	if err != nil {
		return err
	}
	if !c.JSON {
		fmt.Fprintf(e.out, "%s: ok (%d models)\n", shorten(file), len(p.ModelNames()))
	}
	return nil
}

// fmtCmd is mmc fmt.
type fmtCmd struct {
	Files []string `arg:"" help:".mm files." type:"path"`
	Check bool     `help:"Do not write: list the files that are not formatted, and fail if there are any."`
	Out   bool     `help:"Print the result instead of writing it." name:"stdout"`
}

// Help is shown by mmc fmt --help.
func (fmtCmd) Help() string { return "Examples:\n  mmc fmt unet.mm\n  mmc fmt --check models/*.mm" }

// Run formats every file.
func (c *fmtCmd) Run(e *env) error {
	failed := false
	for _, file := range c.Files {
		changed, err := c.one(e, shorten(file))
		if err != nil {
			e.report(err)
			failed = true
		}
		if changed && c.Check {
			fmt.Fprintln(e.out, shorten(file))
			failed = true
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func (c *fmtCmd) one(e *env, file string) (changed bool, err error) {
	src, err := readSource(file)
	if err != nil {
		return false, err
	}
	text, diags := syntax.FormatSource(file, string(src))
	if diags.HasErrors() {
		return false, diags
	}
	changed = string(text) != string(src)
	switch {
	case c.Out:
		_, err = e.out.Write(text)
	case changed && !c.Check:
		err = writeFile(file, text)
	}
	return changed, err
}
