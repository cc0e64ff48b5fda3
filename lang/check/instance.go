package check

import (
	"fmt"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// instance is a block or model under a label: a namespace of cells and further instances.
type instance struct {
	path     string // from the model, "" for the model itself
	label    string
	tmpl     template
	parent   *instance
	made     diag.Range // the label
	called   diag.Range // the first call
	children map[string]*instance
	order    []string // labels of children in order
	cells    map[string]*core.Cell
	cellList []*core.Cell
	like     *instance // starts as a copy of it
	frozen   bool
	bare     bool // applied without a label: may own nothing

	frame      *frame // of a model: its hyperparameters and members
	graphs     map[string]*syntax.Graph
	graphList  []*syntax.Graph
	optimizers map[string]optimizer
	aliases    []*syntax.Alias
	expects    []*syntax.Expect
	elaborated map[*syntax.Graph]bool // begun, so that labels on demand do not recurse
}

func newInstance(parent *instance, label string, t template, made diag.Range) *instance {
	inst := &instance{label: label, tmpl: t, parent: parent, made: made, children: map[string]*instance{}, cells: map[string]*core.Cell{}}
	if parent != nil {
		inst.path = join(parent.path, label)
		inst.frozen = parent.frozen
	}
	return inst
}

func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// isModel tells whether the instance is one of a model, which is called through its graphs.
func (i *instance) isModel() bool { return i.tmpl.decl.what == "model" }

// params lists the cells of a kind in the instance and below, in order of creation per namespace.
func (i *instance) params(kind ir.CellKind) []*core.Cell {
	var out []*core.Cell
	for _, c := range i.cellList {
		if c.Kind == kind {
			out = append(out, c)
		}
	}
	for _, l := range i.order {
		out = append(out, i.children[l].params(kind)...)
	}
	return out
}

func (p place) String() string { return join(p.inst.path, p.rest) }

// findPlace finds the instance with a label, or the labels or cells that begin with it, in a namespace.
func (e *elab) findPlace(ns *instance, label string) (place, bool) {
	if ns == nil {
		return place{}, false
	}
	if c := ns.children[label]; c != nil {
		return place{inst: c}, true
	}
	for _, l := range ns.order {
		if strings.HasPrefix(l, label+".") {
			return place{ns, label}, true
		}
	}
	return place{}, false
}

// selectBase extends a place by one part of a path, without reading a cell.
func (e *elab) selectBase(p place, name string, at diag.Range) value {
	rest := join(p.rest, name)
	if p.rest == "" {
		if _, ok := p.inst.cells[name]; ok {
			return place{p.inst, name}
		}
		if g := p.inst.graphs[name]; g != nil {
			return graphRef{p.inst, g}
		}
	}
	if q, ok := e.findPlace(p.inst, rest); ok {
		return q
	}
	if p.inst.like != nil {
		e.mirror(p.inst)
		if q, ok := e.findPlace(p.inst, rest); ok {
			return q
		}
		if _, ok := p.inst.cells[rest]; ok {
			return place{p.inst, rest}
		}
	}
	d := diag.New("name.member", at, fmt.Sprintf("%s has no member %s", orModel(p.String()), name))
	if !p.inst.called.IsValid() && !p.inst.isModel() {
		d.Hint = "its parameters and parts are known from its first call on, and it has not been called yet"
	} else {
		d = withSuggestion(d, name, p.inst.members())
	}
	return e.report(d)
}

func orModel(path string) string {
	if path == "" {
		return "the model"
	}
	return path
}

func (i *instance) members() []string {
	names := append([]string{}, i.order...)
	for n := range i.cells {
		names = append(names, n)
	}
	for n := range i.graphs {
		names = append(names, n)
	}
	return sortedUnique(names)
}

// selectPlace is selectBase as a value: a cell is read.
func (e *elab) selectPlace(p place, name string, at diag.Range, f *frame) value {
	v := e.selectBase(p, name, at)
	if q, ok := v.(place); ok {
		return e.mapped(q, at, f)
	}
	return v
}

// mapped is a place as a value: a cell is read; while an instance is updated cell by cell, an instance is its cell that
// corresponds to the one at hand.
func (e *elab) mapped(p place, at diag.Range, f *frame) value {
	if c, ok := e.cellAt(p); ok {
		return e.read(c, at, f)
	}
	if e.mapping == nil || p.rest != "" {
		return p
	}
	if p.inst.like != nil {
		e.mirror(p.inst)
	}
	c := p.inst.at(e.mapping.suffix)
	if c == nil {
		return e.fail("update.instance", at, "%s has no %s, which %s has", p, e.mapping.suffix, e.mapping.target)
	}
	return e.read(cellRef{c}, at, f)
}

// cellAt is the cell that a place names, if it names one.
func (e *elab) cellAt(p place) (value, bool) {
	if c, ok := p.inst.cells[p.rest]; ok && p.rest != "" {
		return cellRef{c}, true
	}
	return nil, false
}

// at finds a cell by its path below the instance.
func (i *instance) at(suffix string) *core.Cell {
	if c := i.cells[suffix]; c != nil {
		return c
	}
	for _, l := range i.order {
		if rest, ok := strings.CutPrefix(suffix, l+"."); ok {
			if c := i.children[l].at(rest); c != nil {
				return c
			}
		}
	}
	return nil
}

// makeInstance makes the instance that a label names. Expanding the same place of the text again, in another call of the
// graph that holds it, finds the instance that was made there. nil after an error.
func (e *elab) makeInstance(label *syntax.Path, t template, like *syntax.Path, f *frame) *instance {
	name, ok := e.pathText(label, f)
	if !ok {
		return nil
	}
	inst := e.enterInstance(name, label, t, f)
	if inst != nil && like != nil {
		e.setLike(inst, like, f)
	}
	return inst
}

// poisonLabel gives a label that could not be made a poisoned meaning, so that its uses are not reported as unknown.
func (e *elab) poisonLabel(label *syntax.Path, f *frame) {
	name, ok := e.pathText(label, f)
	if !ok {
		return
	}
	name, _, _ = strings.Cut(name, ".")
	if _, bound := f.lookup(name); !bound {
		f.vars[name] = poison{}
	}
}

// enterInstance finds or makes the instance of a label in the namespace of f; nil after an error.
func (e *elab) enterInstance(name string, label *syntax.Path, t template, f *frame) *instance {
	ns := f.inst
	if ns == nil || f.pure != "" {
		e.report(diag.New("instance.place", label.Range, "a fn makes no instances").WithHint("make it a block: blocks own parameters"))
		return nil
	}
	if ns.bare {
		e.needsLabel(ns, label.Range, "makes the instance "+name)
		return nil
	}
	if old, twice := f.labels[name]; twice {
		d := diag.New("instance.twice", label.Range, "the label "+name+" is made twice").WithRelated(old, "made here before")
		e.report(d.WithHint(fmt.Sprintf("call `%s(x)` to share its weights, or give each its own label, as in `%s{i}`", name, name)))
		return nil
	}
	if f.labels == nil {
		f.labels = map[string]diag.Range{}
	}
	f.labels[name] = label.Range
	if c, ok := ns.cells[name]; ok {
		e.report(diag.New("instance.twice", label.Range, name+" is already the name of a "+c.Kind.String()).WithRelated(c.Pos, "declared here"))
		return nil
	}
	inst := ns.children[name]
	switch {
	case inst == nil:
		inst = newInstance(ns, name, t, label.Range)
		ns.children[name] = inst
		ns.order = append(ns.order, name)
		e.enterModel(inst)
	case inst.made != label.Range:
		d := diag.New("instance.twice", label.Range, "the label "+name+" is made twice").WithRelated(inst.made, "made here before")
		e.report(d.WithHint(fmt.Sprintf("call `%s(x)` to share its weights", name)))
		return nil
	default:
		inst.tmpl = t
	}
	return inst
}

// setLike makes an instance start as a copy of another.
func (e *elab) setLike(inst *instance, path *syntax.Path, f *frame) {
	name, ok := e.pathText(path, f)
	if !ok {
		return
	}
	p, ok := e.findPlace(f.inst, name)
	if !ok || p.rest != "" {
		e.report(withSuggestion(diag.New("instance.like", path.Range, "there is no instance "+name), name, f.inst.order))
		return
	}
	inst.like = p.inst
}

// mirror gives an instance that was never called the cells of the one that it is a copy of.
func (e *elab) mirror(inst *instance) {
	src := inst.like
	for _, c := range src.cellList {
		local := c.Name[len(src.path):]
		local = strings.TrimPrefix(local, ".")
		if inst.cells[local] == nil {
			e.addCell(inst, local, &core.Cell{Name: join(inst.path, local), Kind: c.Kind, Type: c.Type, Init: copyOf(c), Pos: c.Pos, Call: c.Call})
		}
	}
	for _, l := range src.order {
		child := inst.children[l]
		if child == nil {
			child = newInstance(inst, l, src.children[l].tmpl, src.children[l].made)
			inst.children[l] = child
			inst.order = append(inst.order, l)
		}
		child.like = src.children[l]
		e.mirror(child)
	}
}

// copyOf is an initial value that is another cell's.
func copyOf(c *core.Cell) *core.Init {
	v := &core.Value{Type: c.Type, Name: c.Name}
	read := &core.Read{Cell: c, Result: v}
	v.Def = read
	g := &core.Graph{Name: "init", Body: &core.Body{Instrs: []core.Instr{read}}}
	g.Results = []*core.Result{{Role: ir.Input, Value: v}}
	return &core.Init{Graph: g}
}

// bareInstance is the namespace of a block that is applied without a label.
func (e *elab) bareInstance(t template, c *callSite) *instance {
	inst := newInstance(c.frame.inst, "", t, c.at)
	inst.bare = true
	return inst
}

// needsLabel reports that a block applied without a label owns something.
func (e *elab) needsLabel(ns *instance, at diag.Range, what string) {
	name := ns.tmpl.decl.name
	where := at
	via := e.via
	if len(via) > 0 {
		where, e.via = via[len(via)-1], via[:len(via)-1]
	}
	d := diag.New("instance.label", where, fmt.Sprintf("%s %s, so it needs a label", name, what)).WithRelated(at, "here")
	e.report(d.WithHint(fmt.Sprintf("write `label: %s(..)`; the label is the name of its parameters", name)))
	e.via = via
}

// callInstance applies an instance to data.
func (e *elab) callInstance(inst *instance, c *callSite) value {
	if inst.isModel() {
		return e.callModel(inst, c)
	}
	b := inst.tmpl.decl.node.(*syntax.Block)
	first := !inst.called.IsValid()
	if first {
		inst.called = c.at
	}
	var out value = poison{}
	saved := e.mode
	if inst.frozen {
		e.training = false
	}
	e.call(c.at, b.Name.Name, func() {
		f := newFrame(inst.tmpl.decl.scope.frame, inst.tmpl.decl.scope, inst, "block "+b.Name.Name)
		good := e.bindHyper(f, b.Hyper, inst.tmpl.args, b.Name.Name, inst.made)
		if e.bindData(f, b.Sig.Params, c.args, b.Name.Name, c.at) && good {
			out = e.expand(&b.Sig, b.Body, f, b.Name.Name, c)
		}
	})
	e.mode = saved
	return out
}

// callPlace calls what a path names.
func (e *elab) callPlace(p place, c *callSite) value {
	if p.rest != "" {
		return e.fail("call.callee", c.at, "%s is no instance, only the beginning of labels", p)
	}
	return e.callInstance(p.inst, c)
}

// callModel calls an instance of a model: its only inference graph.
func (e *elab) callModel(inst *instance, c *callSite) value {
	var only *syntax.Graph
	var names []string
	for _, g := range inst.graphList {
		if !g.Train {
			only = g
			names = append(names, join(inst.label, g.Name.Name))
		}
	}
	if len(names) != 1 {
		return e.fail("call.model", c.at, "%s has %d graphs: say which one (%s)", c.name, len(names), strings.Join(names, ", "))
	}
	return e.callGraph(graphRef{inst, only}, c)
}

// callGraph expands a graph inside another.
func (e *elab) callGraph(g graphRef, c *callSite) value {
	d := g.decl
	if d.Train {
		return e.fail("call.train", c.at, "%s is a train graph: it is run by a trainer, not called", d.Name.Name)
	}
	var out value = poison{}
	saved := e.mode
	if g.inst.frozen {
		e.training = false
	}
	if !g.inst.called.IsValid() {
		g.inst.called = c.at
	}
	e.call(c.at, d.Name.Name, func() {
		f := newFrame(g.inst.frame, g.inst.frame.scope, g.inst, "graph "+d.Name.Name)
		if e.bindData(f, d.Sig.Params, c.args, d.Name.Name, c.at) {
			out = e.expand(&d.Sig, d.Body, f, d.Name.Name, c)
		}
	})
	e.mode = saved
	return out
}
