package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	File  string      `arg:"" help:"The .mm file." type:"path"`
	Model string      `help:"The model, where the file holds several." placeholder:"NAME"`
	Set   assignments `help:"Set a hyperparameter: --set width=16." placeholder:"NAME=VALUE"`
}

// trimmed are hyperparameters without the spaces around them.
func trimmed(set map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range set {
		out[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return out
}

// maxSource bounds what is read as a program.
const maxSource = 16 << 20

// library begins the names of the embedded files.
const library = "std/"

// readSource reads a program's text, from the disk or from the embedded library. Its errors do not name the file.
func readSource(name string) ([]byte, error) {
	if strings.HasPrefix(name, library) {
		return stdlib.Read(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("this is a folder")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSource+1))
	if err == nil && len(text) > maxSource {
		err = fmt.Errorf("more than %d MB are too large for a program", maxSource>>20)
	}
	return text, reason(err)
}

// neighbour suggests a program that lies where one was looked for.
func neighbour(file string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.mm"))
	if err != nil {
		return ""
	}
	base := filepath.Base(file)
	for i := range found {
		found[i] = filepath.Base(found[i])
		if found[i] == base+".mm" {
			return " (did you mean " + shorten(file) + ".mm?)"
		}
	}
	if near := diag.Suggest(base, found); near != "" {
		return " (did you mean " + shorten(filepath.Join(filepath.Dir(file), near)) + "?)"
	}
	return ""
}

// reason is what is wrong with a file, without the system call and the name.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// shorten writes a path as the user would: relative where that is shorter. No file of the disk gets the name of an embedded one.
func shorten(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || len(rel) >= len(path) {
		return path
	}
	if strings.HasPrefix(filepath.ToSlash(rel), library) {
		rel = "." + string(filepath.Separator) + rel
	}
	return rel
}

// findings are what was found wrong or strange; program and its like return it beside an error.
type findings = diag.List

// program reads and checks a file and elaborates some of its models: nil means all that are closed.
func (e *env) program(file string, models []string) (*check.Program, findings, error) {
	name := shorten(file)
	type result struct {
		p     *check.Program
		diags diag.List
	}
	r, err := compute(e.ctx, func() (r result, _ error) {
		if _, err := readSource(name); err != nil {
			return r, fmt.Errorf("%s: %w%s", name, err, neighbour(file, err))
		}
		files, diags := check.Load(name, readSource)
		if diags.HasErrors() {
			return r, diags.Sort()
		}
		p, more := check.Check(files, check.Options{Ops: op.Lookup, Names: op.Names(), Models: models})
		r = result{p, append(diags, more...).Sort()}
		return r, r.diags.Err()
	})
	return r.p, r.diags, err
}

// model checks the file and returns the chosen model. Warnings are printed.
func (e *env) model(f modelFlags) (*core.Model, *check.Program, error) {
	p, warnings, err := e.program(f.File, []string{})
	if err != nil {
		return nil, nil, err
	}
	e.diagnose(warnings)
	name, err := chooseModel(p, f)
	if err != nil {
		return nil, nil, err
	}
	var diags diag.List
	m, err := compute(e.ctx, func() (m *core.Model, _ error) {
		m, diags = check.Instantiate(p, name, trimmed(f.Set))
		return m, diags.Err()
	})
	if err == nil {
		e.diagnose(diags)
	}
	return m, p, err
}

// chooseModel returns the model that was asked for, or the only one. Aliases are models of their own: between a model and its
// aliases the user has to choose.
func chooseModel(p *check.Program, f modelFlags) (string, error) {
	names, file := p.ModelNames(), shorten(f.File)
	for _, name := range names {
		if name == f.Model {
			return name, nil
		}
	}
	list := strings.Join(names, ", ")
	switch {
	case len(names) == 0:
		return "", fmt.Errorf("%s holds no model", file)
	case f.Model != "":
		return "", misuse("%s holds no model %s%s; there are %s", file, f.Model, suggestion(f.Model, names), list)
	case len(names) > 1:
		return "", misuse("%s holds several models; choose one with --model: %s", file, list)
	}
	return names[0], nil
}

// suggestion is ", did you mean X?" where a candidate is near.
func suggestion(name string, candidates []string) string {
	if s := diag.Suggest(name, candidates); s != "" {
		return " (did you mean " + s + "?)"
	}
	return ""
}

// module lowers the chosen model.
func (e *env) module(f modelFlags) (*ir.Module, *check.Program, error) {
	m, p, err := e.model(f)
	if err != nil {
		return nil, nil, err
	}
	var diags diag.List
	module, err := compute(e.ctx, func() (m2 *ir.Module, _ error) {
		m2, diags = lower.Lower(m)
		return m2, diags.Err()
	})
	if err == nil {
		e.diagnose(diags)
	}
	return module, p, err
}

// plan makes the chosen model ready for a target.
func (e *env) plan(f modelFlags) (*plan.Package, *check.Program, error) {
	module, p, err := e.module(f)
	if err != nil {
		return nil, nil, err
	}
	pkg, err := compute(e.ctx, func() (*plan.Package, error) { return passes.Plan(module, passes.Options{}) })
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
