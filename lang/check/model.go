package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// elaborate makes the core program of a model. The model is nil where elaboration had to be given up.
func (p *Program) elaborate(d *decl, set map[string]string) (m *core.Model, diags diag.List) {
	e := &elab{prog: p, ops: p.opts.Ops, diags: &collector{seen: map[mistake]bool{}}, used: map[string]*optimizerUse{}, cells: map[string]*core.Cell{}}
	e.float = p.opts.Float
	defer func() {
		if r := recover(); r != nil {
			if _, ours := r.(abandon); !ours {
				panic(r)
			}
			m = nil
		}
		diags = e.diags.list
	}()
	e.enter(&core.Graph{Name: d.name, Pos: d.at()})
	t, expects, ok := e.closedTemplate(template{decl: d, ready: true}, set)
	if !ok {
		return nil, nil
	}
	base := t.decl.node.(*syntax.Model)
	own := d.node.(*syntax.Model)
	e.model = &core.Model{Name: d.name, Doc: firstOf(own.Doc, base.Doc), File: p.Files[0].Name}
	e.root = newInstance(nil, "", t, d.at())
	if !e.enterModel(e.root) {
		return nil, nil
	}
	e.elaborateGraphs(e.root)
	e.settleCopies(e.root)
	e.aliases(e.root)
	if !e.diags.list.HasErrors() { // which may have hidden a call
		e.idle(e.root)
	}
	if len(set) == 0 {
		if expects == nil && own.Alias == nil {
			expects = e.root.expects
		}
		e.expectAll(expects)
	}
	e.hyperTexts(base)
	return e.model, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// closedTemplate resolves aliases and adds hyperparameters given as text.
func (e *elab) closedTemplate(t template, set map[string]string) (template, []*syntax.Expect, bool) {
	var expects []*syntax.Expect
	own := t.decl.node.(*syntax.Model)
	if own.Body != nil {
		for _, s := range own.Body.Stmts {
			if x, ok := s.(*syntax.Expect); ok && own.Alias != nil {
				expects = append(expects, x)
			}
		}
	}
	t, ok := e.resolveAlias(t)
	if !ok {
		return t, nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		v, ok := e.evalText(name, set[name], t.decl.scope)
		if !ok {
			return t, nil, false
		}
		t.args = slices.DeleteFunc(slices.Clone(t.args), func(a *argument) bool { return a.name == name })
		t.args = append(t.args, &argument{name: name, value: v, at: diag.Range{File: "--set " + name}})
	}
	return t, expects, true
}

// resolveAlias follows `model A = B(args)` to the model that has a body; arguments nearer to the user win.
func (e *elab) resolveAlias(t template) (template, bool) {
	for depth := 0; ; depth++ {
		m, ok := t.decl.node.(*syntax.Model)
		if !ok || m.Alias == nil {
			return t, ok
		}
		if depth > maxDepth {
			e.fail("model.cycle", t.decl.at(), "the alias %s leads to itself", t.decl.name)
			return t, false
		}
		v := e.eval(m.Alias, newFrame(nil, t.decl.scope, nil, "model "+t.decl.name))
		of, ok := v.(template)
		if !ok || of.decl.what != "model" {
			if !isPoison(v) {
				e.fail("model.alias", m.Alias.Span(), "an alias names a model, and this is %s", e.describe(v))
			}
			return t, false
		}
		of.args = e.override(of, t.args)
		of.ready = true
		t = of
	}
}

// override adds named arguments to those of a template, replacing equal names; positional ones are named first.
func (e *elab) override(t template, more []*argument) []*argument {
	params := t.decl.node.(*syntax.Model).Hyper
	var out []*argument
	for i, a := range t.args {
		if a.name == "" && i < len(params) {
			a = &argument{name: params[i].Name.Name, value: a.value, at: a.at}
		}
		if !slices.ContainsFunc(more, func(b *argument) bool { return b.name == a.name }) {
			out = append(out, a)
		}
	}
	return append(out, more...)
}

// evalText evaluates a hyperparameter that is given as text, on the command line.
func (e *elab) evalText(name, src string, s *scope) (value, bool) {
	file, diags := syntax.Parse("--set "+name, "const value = "+src+"\n")
	if diags.HasErrors() || len(file.Decls) != 1 {
		e.fail("set.value", diag.Range{File: "--set " + name}, "%s=%s: the value cannot be read", name, src)
		return nil, false
	}
	c, ok := file.Decls[0].(*syntax.Cell)
	if !ok || c.Value == nil {
		e.fail("set.value", diag.Range{File: "--set " + name}, "%s=%s: the value cannot be read", name, src)
		return nil, false
	}
	v := e.eval(c.Value, newFrame(nil, s, nil, "--set"))
	for i, d := range e.diags.list {
		if d.Range.File == file.Name { // the text is not as the user wrote it: lines and columns would mean nothing
			e.diags.list[i].Range, e.diags.list[i].Fixes = diag.Range{File: file.Name}, nil
		}
	}
	return v, !isPoison(v)
}

// enterModel gives an instance of a model its members: hyperparameters, then what the body declares. An instance of a
// block has none before its first call.
func (e *elab) enterModel(inst *instance) bool {
	if !inst.isModel() {
		return true
	}
	t, ok := e.resolveAlias(inst.tmpl)
	if !ok {
		inst.frame = newFrame(nil, inst.tmpl.decl.scope, inst, "")
		return false
	}
	inst.tmpl = t
	m := t.decl.node.(*syntax.Model)
	inner := &scope{names: map[string]*decl{}, within: t.decl.scope}
	inst.frame = newFrame(nil, inner, inst, "model "+m.Name.Name)
	inner.frame = inst.frame
	inst.graphs, inst.optimizers, inst.elaborated = map[string]*syntax.Graph{}, map[string]optimizer{}, map[*syntax.Graph]bool{}
	if !e.bindHyper(inst.frame, m.Hyper, t.args, m.Name.Name, inst.made) {
		return false
	}
	if m.Body == nil {
		return true
	}
	enter := func() {
		inner.declare(m.Body.Stmts, func(d diag.Diagnostic) { e.report(d) })
		e.members(m.Body, inst)
	}
	if inst.parent == nil {
		enter()
	} else {
		e.call(inst.made, m.Name.Name, enter)
	}
	return true
}

// members executes the declarations of a model's body: graphs first, since order does not matter among them.
func (e *elab) members(b *syntax.Body, inst *instance) {
	for _, s := range b.Stmts {
		g, ok := s.(*syntax.Graph)
		if !ok {
			continue
		}
		if old := inst.graphs[g.Name.Name]; old != nil {
			e.report(diag.New("name.twice", g.Name.Range, "the graph "+g.Name.Name+" is declared twice").WithRelated(old.Name.Range, "the first"))
			continue
		}
		inst.graphs[g.Name.Name] = g
		inst.graphList = append(inst.graphList, g)
		inst.frame.fix(g.Name.Name, graphRef{inst, g}, g.Name.Range)
	}
	for _, s := range b.Stmts {
		e.member(s, inst)
	}
}

func (e *elab) member(s syntax.Stmt, inst *instance) {
	switch s := s.(type) {
	case *syntax.Graph, *syntax.Block, *syntax.Fn, *syntax.OptimizerDecl:
	case *syntax.OptimizerStmt:
		e.optimizerStmt(s, inst.frame)
	case *syntax.Expect:
		inst.expects = append(inst.expects, s)
	case *syntax.Alias:
		inst.aliases = append(inst.aliases, s)
	case *syntax.Cell:
		if s.Kind != "const" {
			e.declareCell(s, inst.frame)
		}
	case *syntax.Instance, *syntax.For, *syntax.If, *syntax.Assign, *syntax.Freeze:
		e.stmt(s, inst.frame)
	default:
		e.fail("stmt.place", s.Span(), "this statement stands in a graph, not in a model")
	}
}

// elaborateGraphs elaborates all graphs of the model in text order.
func (e *elab) elaborateGraphs(inst *instance) {
	done := map[string]*core.Graph{}
	e.graphsDone = done
	for _, g := range inst.graphList {
		e.elaborateGraph(inst, g)
	}
	for _, g := range inst.graphList {
		if cg := done[g.Name.Name]; cg != nil {
			e.model.Graphs = append(e.model.Graphs, cg)
		}
	}
}

// elaborateGraph elaborates one graph of a model as an entry point.
func (e *elab) elaborateGraph(inst *instance, g *syntax.Graph) {
	if inst.elaborated[g] {
		return
	}
	inst.elaborated[g] = true
	outer, mode, via := e.state, e.mode, e.via
	e.enter(&core.Graph{Name: g.Name.Name, Doc: g.Doc, Train: g.Train, Pos: g.Name.Range})
	e.training, e.decoding, e.via = g.Train, false, nil
	f := newFrame(inst.frame, inst.frame.scope, inst, "graph "+g.Name.Name)
	if g.Train {
		f.what = "train " + g.Name.Name
	}
	e.entryArgs(g, f)
	e.assume(g.Sig.Where, f)
	if e.mentionsGrad(g.Body) {
		e.tapAll(f, g.Sig.Params)
	}
	out := e.run(g.Body, f)
	v := e.checkResults(g.Sig.Results, out, f, g.Name.Name, g.Body)
	e.entryResults(g, v, out.at)
	e.settleGaps(&g.Sig)
	if inst == e.root {
		e.graphsDone[g.Name.Name] = e.graph
	}
	e.state, e.mode, e.via = outer, mode, via
}

// entryResults makes the value of an entry point its results.
func (e *elab) entryResults(g *syntax.Graph, v value, at diag.Range) {
	if g.Train && len(g.Sig.Results) == 0 {
		return
	}
	add := func(name string, v value) {
		switch v.(type) {
		case poison, none:
			return
		}
		if t := e.asTensor(v, e.float, site{at, nil}); t != nil {
			e.graph.Results = append(e.graph.Results, &core.Result{Name: name, Role: ir.Input, Value: t, Pos: at})
		}
	}
	switch v := v.(type) {
	case tuple:
		for i, x := range v.elems {
			name := fmt.Sprintf("output%d", i)
			if i < len(v.names) {
				name = v.names[i]
			}
			add(name, x)
		}
	case none:
		if len(g.Sig.Results) == 0 {
			e.fail("result.missing", g.Name.Range, "the graph %s has no result", g.Name.Name)
		}
	default:
		name := "output"
		if len(g.Sig.Results) == 1 && g.Sig.Results[0].Name.Name != "" {
			name = g.Sig.Results[0].Name.Name
		}
		add(name, v)
	}
}

// demandLabel elaborates graphs of the model that may make a label which is called in another graph before; it tells
// whether the label exists then.
func (e *elab) demandLabel(f *frame, label string) bool {
	inst := f.inst
	if inst == nil || !inst.isModel() {
		return false
	}
	for _, g := range inst.graphList {
		if inst.elaborated[g] || !strings.Contains(e.source(g.Body.Range), label+":") && !strings.Contains(e.source(g.Body.Range), label+".") {
			continue
		}
		e.elaborateGraph(inst, g)
		if _, ok := e.findPlace(inst, label); ok {
			return true
		}
	}
	return false
}

// settleCopies gives the cells of `like` instances their initial values: those of the instance they copy.
func (e *elab) settleCopies(inst *instance) {
	if inst.like != nil {
		for _, kind := range []ir.CellKind{ir.ParamCell, ir.StateCell} {
			for _, c := range inst.params(kind) {
				suffix := strings.TrimPrefix(strings.TrimPrefix(c.Name, inst.path), ".")
				if src := inst.like.at(suffix); src != nil {
					c.Init = copyOf(src)
				}
			}
		}
	}
	for _, l := range inst.order {
		e.settleCopies(inst.children[l])
	}
}

// idle notes the declared instances that no graph calls: they have no weights.
func (e *elab) idle(inst *instance) {
	for _, l := range inst.order {
		if c := inst.children[l]; !c.reached() {
			d := diag.New("instance.idle", c.made, "no graph calls "+c.path+": it has no weights")
			d.Severity = diag.Note
			e.report(d)
		}
	}
}

// reached tells whether an instance, or one in it, is called or holds cells.
func (i *instance) reached() bool {
	if i.called.IsValid() || len(i.cellList) > 0 {
		return true
	}
	return slices.ContainsFunc(i.order, func(l string) bool { return i.children[l].reached() })
}

// aliases gives cells their further published names.
func (e *elab) aliases(inst *instance) {
	for _, a := range inst.aliases {
		name, ok := e.pathText(a.Name, inst.frame)
		target, ok2 := e.pathText(a.Target, inst.frame)
		if !ok || !ok2 {
			continue
		}
		c := inst.at(target)
		if c == nil {
			var names []string
			for _, c := range e.model.Cells {
				names = append(names, c.Name)
			}
			e.report(withSuggestion(diag.New("alias.target", a.Target.Range, "there is no parameter "+target), target, sortedUnique(names)))
			continue
		}
		c.Aliases = append(c.Aliases, join(inst.path, name))
	}
}

// hyperTexts records the hyperparameters of the model, for people.
func (e *elab) hyperTexts(m *syntax.Model) {
	for _, p := range m.Hyper {
		if v, ok := e.root.frame.vars[p.Name.Name]; ok {
			e.model.Hyper = append(e.model.Hyper, ir.Hyper{Name: p.Name.Name, Value: e.show(v)})
		}
	}
}
