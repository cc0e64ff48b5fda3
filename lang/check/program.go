package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
	"mmc/stdlib"
)

// Options say what the checker cannot know itself.
type Options struct {
	Ops   func(name string) *ir.Op // the operator table
	Names []string                 // the operators' names, for suggestions
	Float dtype.DType              // the default float type; Invalid means f32
	// Models lists the models to elaborate. nil means all of the first file whose hyperparameters are closed.
	Models []string
}

// Program is a set of files with their declarations resolved and the models that were elaborated.
type Program struct {
	Files  []*syntax.File
	Models []*core.Model
	opts   Options
	scopes map[string]*scope // by file name
	main   *scope
	grads  map[*syntax.Body]bool // bodies that mention grad
}

// Check resolves the files, of which the first is the user's, and elaborates its closed models.
func Check(files []*syntax.File, opts Options) (*Program, diag.List) {
	if opts.Float == dtype.Invalid {
		opts.Float = dtype.F32
	}
	p := &Program{Files: files, opts: opts, scopes: map[string]*scope{}, grads: map[*syntax.Body]bool{}}
	var diags diag.List
	p.resolve(func(d diag.Diagnostic) { diags = append(diags, d) })
	if len(files) == 0 {
		return p, diags
	}
	for _, d := range p.chosen() {
		m, more := p.elaborate(d, nil)
		diags = append(diags, more...)
		if m != nil && !more.HasErrors() {
			p.Models = append(p.Models, m)
		}
	}
	return p, diags.Sort()
}

// Instantiate elaborates a model with hyperparameters given as text, as `--set width=16` does.
func Instantiate(p *Program, model string, set map[string]string) (*core.Model, diag.List) {
	d := p.main.lookup(model)
	if d == nil || d.what != "model" {
		msg := fmt.Sprintf("there is no model %s", model)
		return nil, diag.List{withSuggestion(diag.New("name.unknown", diag.Range{File: p.Files[0].Name}, msg), model, p.ModelNames())}
	}
	m, diags := p.elaborate(d, set)
	if diags.HasErrors() {
		return nil, diags.Sort()
	}
	return m, diags.Sort()
}

// ModelNames lists the models of the first file, sorted.
func (p *Program) ModelNames() []string {
	var names []string
	for n, d := range p.main.names {
		if d.what == "model" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// chosen lists the models to elaborate in text order.
func (p *Program) chosen() []*decl {
	var out []*decl
	for _, d := range p.main.names {
		if d.what == "model" && p.wanted(d) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b *decl) int { return cmp.Compare(a.at().Start.Offset, b.at().Start.Offset) })
	return out
}

func (p *Program) wanted(d *decl) bool {
	if p.opts.Models != nil {
		return slices.Contains(p.opts.Models, d.name)
	}
	return d.node.(*syntax.Model).Alias != nil || closed(d.node.(*syntax.Model).Hyper)
}

// closed tells whether all hyperparameters have defaults.
func closed(params []*syntax.Param) bool {
	return !slices.ContainsFunc(params, func(p *syntax.Param) bool { return p.Default == nil })
}

// resolve builds the scope of each file.
func (p *Program) resolve(report func(diag.Diagnostic)) {
	for _, f := range p.Files {
		s := &scope{names: map[string]*decl{}}
		s.declare(f.Decls, report)
		checkOrder(f.Decls, report)
		p.scopes[f.Name] = s
		if p.main == nil {
			p.main = s
		}
	}
	prelude := p.preludeScopes()
	for _, f := range p.Files {
		s := p.scopes[f.Name]
		for _, d := range f.Decls {
			imp, ok := d.(*syntax.Import)
			if !ok {
				continue
			}
			if o := p.scopes[importPath(f.Name, imp.Path)]; o != nil && o != s {
				s.outer = append(s.outer, o)
			}
		}
		for _, o := range prelude {
			if o != s && !slices.Contains(s.outer, o) {
				s.outer = append(s.outer, o)
			}
		}
	}
}

// preludeScopes are the scopes of the prelude and of what it imports.
func (p *Program) preludeScopes() []*scope {
	var out []*scope
	for _, f := range p.Files {
		if f.Name != stdlib.Prelude {
			continue
		}
		out = append(out, p.scopes[f.Name])
		for _, d := range f.Decls {
			if imp, ok := d.(*syntax.Import); ok && p.scopes[importPath(f.Name, imp.Path)] != nil {
				out = append(out, p.scopes[importPath(f.Name, imp.Path)])
			}
		}
	}
	return out
}

// withSuggestion adds "did you mean" where a candidate is near.
func withSuggestion(d diag.Diagnostic, name string, candidates []string) diag.Diagnostic {
	s := diag.Suggest(name, candidates)
	if len(name) < 3 {
		s = "" // anything is near to a letter or two
	} else if s == "" {
		s = abbreviated(name, candidates)
	}
	if s != "" {
		d.Hint = "did you mean " + s + "?"
		if d.Range.IsValid() && strings.TrimSpace(name) == name && d.Range.End.Offset-d.Range.Start.Offset == len(name) {
			d.Fixes = append(d.Fixes, diag.Fix{Range: d.Range, NewText: s, Message: "replace " + name + " by " + s})
		}
	}
	return d
}

// abbreviated finds the candidate that begins name or that name begins: pad for padding.
func abbreviated(name string, candidates []string) string {
	for _, c := range candidates {
		if len(c) >= 3 && (strings.HasPrefix(name, c) || strings.HasPrefix(c, name)) {
			return c
		}
	}
	return ""
}
