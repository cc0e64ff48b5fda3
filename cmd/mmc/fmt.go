package main

import (
	"fmt"
	"io"

	"mmc/lang/syntax"
	rt "mmc/runtime"
)

// fmtCmd is mmc fmt.
type fmtCmd struct {
	Files []string `arg:"" help:".mm files." type:"path"`
	Check bool     `help:"Do not write: list the files that are not formatted, and fail if there are any."`
	Out   bool     `help:"Print the result instead of writing it." name:"stdout"`
}

// Help is shown by mmc fmt --help.
func (fmtCmd) Help() string {
	return `There is one layout and no options. A file with syntax errors is left as it is.

Examples:
  mmc fmt unet.mm
  mmc fmt --check models/*.mm
  mmc fmt --stdout draft.mm`
}

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
		return false, fmt.Errorf("%s: %w", file, err)
	}
	text, err := compute(e.ctx, func() ([]byte, error) {
		text, diags := syntax.FormatSource(file, string(src))
		return text, diags.Err()
	})
	if err != nil {
		return false, err
	}
	changed = string(text) != string(src)
	switch {
	case c.Check:
	case c.Out:
		_, err = e.out.Write(text)
	case changed:
		err = rt.WriteFileAtomic(file, func(w io.Writer) error { _, err := w.Write(text); return err })
		if err != nil {
			err = fmt.Errorf("%s: cannot be written: %w", file, reason(err))
		}
	}
	return changed, err
}
