package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/op"
	"mmc/ir/plan"
	"mmc/lang/check"
	"mmc/lang/check/core"
	"mmc/lang/lower"
	"mmc/passes"
	"mmc/stdlib"
)

// modelFlags choose a model of a file.
type modelFlags struct {
	File  string            `arg:"" help:"The .mm file." type:"path"`
	Model string            `help:"The model, where the file holds several." placeholder:"NAME"`
	Set   map[string]string `help:"Set a hyperparameter: --set width=16." placeholder:"NAME=VALUE"`
}

// maxSource bounds what is read as a program.
const maxSource = 16 << 20

// readSource reads a program's text, from the disk or from the embedded library.
func readSource(name string) ([]byte, error) {
	if strings.HasPrefix(name, "std/") {
		return stdlib.Read(name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder", name)
	case info.Size() > maxSource:
		return nil, fmt.Errorf("%s has %d bytes: too large for a program", name, info.Size())
	}
	return os.ReadFile(name)
}

// shorten writes a path as the user would: relative where that is shorter.
func shorten(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

// program reads and checks a file. Warnings are printed; errors are returned as a diag.List.
func (e *env) program(file string, models []string) (*check.Program, error) {
	name := shorten(file)
	if _, err := readSource(name); err != nil {
		return nil, err
	}
	files, diags := check.Load(name, readSource)
	if diags.HasErrors() {
		return nil, diags.Sort()
	}
	p, more := check.Check(files, check.Options{Ops: op.Lookup, Models: models})
	diags = append(diags, more...).Sort()
	if diags.HasErrors() {
		return nil, diags
	}
	e.diagnose(diags)
	return p, nil
}

// model checks the file and returns the chosen model.
func (e *env) model(f modelFlags) (*core.Model, *check.Program, error) {
	p, err := e.program(f.File, []string{})
	if err != nil {
		return nil, nil, err
	}
	name := f.Model
	if name == "" {
		if name, err = onlyModel(p, f.File); err != nil {
			return nil, nil, err
		}
	}
	m, diags := check.Instantiate(p, name, f.Set)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	e.diagnose(diags)
	return m, p, nil
}

// onlyModel returns the file's model if there is no choice. Aliases count only where they are all there is: a file with
// one model and aliases of it means the model.
func onlyModel(p *check.Program, file string) (string, error) {
	names := p.ModelNames()
	switch len(names) {
	case 0:
		return "", fmt.Errorf("%s holds no model", shorten(file))
	case 1:
		return names[0], nil
	}
	return "", usageError{fmt.Errorf("%s holds several models: choose one with --model: %s", shorten(file), strings.Join(names, ", "))}
}

// module lowers the chosen model.
func (e *env) module(f modelFlags) (*ir.Module, *check.Program, error) {
	m, p, err := e.model(f)
	if err != nil {
		return nil, nil, err
	}
	module, diags := lower.Lower(m)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	e.diagnose(diags)
	return module, p, nil
}

// plan makes the chosen model ready for a target.
func (e *env) plan(f modelFlags, opt passes.Options) (*plan.Package, *check.Program, error) {
	module, p, err := e.module(f)
	if err != nil {
		return nil, nil, err
	}
	pkg, err := passes.Plan(module, opt)
	return pkg, p, err
}

// sources are the texts of a program's files by name, for hashes and comments.
func sources(p *check.Program) map[string]string {
	out := map[string]string{}
	for _, f := range p.Files {
		out[f.Name] = f.Source
	}
	return out
}

// fileError places an error that has no range in a file.
func fileError(file string, err error) error {
	return diag.List{diag.New("file", diag.Range{File: file}, err.Error())}
}
