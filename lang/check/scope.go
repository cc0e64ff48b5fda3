package check

import (
	"path"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/lang/syntax"
)

// decl is a declaration of a file or of a model's body: what a name means before any call.
type decl struct {
	name  string
	what  string // block, model, function, optimizer, constant
	node  syntax.Stmt
	scope *scope
}

func (d *decl) at() diag.Range {
	switch n := d.node.(type) {
	case *syntax.Block:
		return n.Name.Range
	case *syntax.Model:
		return n.Name.Range
	case *syntax.Fn:
		return n.Name.Range
	case *syntax.OptimizerDecl:
		return n.Name.Range
	}
	return d.node.Span()
}

// scope is the declarations visible by name at some place: those of a file, then its imports, then the prelude.
type scope struct {
	names  map[string]*decl
	outer  []*scope
	frame  *frame // of a model's own scope: the hyperparameters and instances that its declarations may use
	within *scope // of a model's own scope: the file's
}

// lookup finds the declaration of name, nearest first.
func (s *scope) lookup(name string) *decl {
	for ; s != nil; s = s.within {
		if d := s.names[name]; d != nil {
			return d
		}
		for _, o := range s.outer {
			if d := o.names[name]; d != nil {
				return d
			}
		}
	}
	return nil
}

// all lists the visible names, for suggestions.
func (s *scope) all() []string {
	var names []string
	for ; s != nil; s = s.within {
		for n := range s.names {
			names = append(names, n)
		}
		for _, o := range s.outer {
			for n := range o.names {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// declOf makes the declaration of a statement, or nil for statements that declare nothing by name alone.
func declOf(s syntax.Stmt) *decl {
	switch s := s.(type) {
	case *syntax.Block:
		return &decl{name: s.Name.Name, what: "block", node: s}
	case *syntax.Model:
		return &decl{name: s.Name.Name, what: "model", node: s}
	case *syntax.Fn:
		return &decl{name: s.Name.Name, what: "function", node: s}
	case *syntax.OptimizerDecl:
		return &decl{name: s.Name.Name, what: "optimizer", node: s}
	case *syntax.Cell:
		if s.Kind == "const" && s.Name != nil && s.Name.Word() != "" {
			return &decl{name: s.Name.Word(), what: "constant", node: s}
		}
	}
	return nil
}

// declare enters the declarations among stmts into s and reports those that are made twice.
func (s *scope) declare(stmts []syntax.Stmt, report func(diag.Diagnostic)) {
	for _, st := range stmts {
		d := declOf(st)
		if d == nil || d.name == "" {
			continue
		}
		d.scope = s
		if old := s.names[d.name]; old != nil {
			report(diag.New("name.twice", d.at(), d.name+" is declared twice").WithRelated(old.at(), "the first declaration"))
			continue
		}
		s.names[d.name] = d
	}
}

// checkOrder reports parameters that cannot be left out though one before them can: only trailing ones may be.
func checkOrder(stmts []syntax.Stmt, report func(diag.Diagnostic)) {
	for _, s := range stmts {
		for _, params := range paramLists(s) {
			var early *syntax.Param
			for _, p := range params {
				switch {
				case p.Default == nil && early != nil:
					d := diag.New("call.order", p.Range, p.Name.Name+" has no default, but "+early.Name.Name+" before it has one")
					report(d.WithRelated(early.Range, "the default").WithHint("parameters with defaults come last"))
				case p.Default != nil && !isDrawn(p):
					early = p
				}
			}
		}
		if m, ok := s.(*syntax.Model); ok && m.Body != nil {
			checkOrder(m.Body.Stmts, report)
		}
	}
}

// paramLists are the parentheses of a declaration.
func paramLists(s syntax.Stmt) [][]*syntax.Param {
	switch s := s.(type) {
	case *syntax.Block:
		return [][]*syntax.Param{s.Hyper, s.Sig.Params}
	case *syntax.Model:
		return [][]*syntax.Param{s.Hyper}
	case *syntax.Fn:
		return [][]*syntax.Param{s.Sig.Params}
	case *syntax.Graph:
		return [][]*syntax.Param{s.Sig.Params}
	case *syntax.OptimizerDecl:
		return [][]*syntax.Param{s.Hyper}
	}
	return nil
}

// importPath is the name under which a file finds what it imports: std/… as it is, others relative to the file.
func importPath(from, name string) string {
	if !strings.HasSuffix(name, ".mm") {
		name += ".mm"
	}
	if isStd(name) || path.IsAbs(name) {
		return name
	}
	return path.Join(path.Dir(from), name)
}

// isStd tells whether a file belongs to the embedded library.
func isStd(file string) bool { return strings.HasPrefix(file, "std/") }
