package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// version is the state of a cell in the graph at hand.
type version struct {
	number int
	value  *core.Value // of the current version, once read or written
	body   *core.Body  // where value was made
	wrote  diag.Range  // the last write
	what   string      // what wrote: update or minimize
}

var cellKinds = map[string]ir.CellKind{"param": ir.ParamCell, "state": ir.StateCell, "cache": ir.CacheCell}

// declareCell executes `param w: type init e` and its kin: the first time it makes the cell, later it checks that the
// dims agree.
func (e *elab) declareCell(x *syntax.Cell, f *frame) {
	name, ok := e.pathText(x.Name, f)
	if !ok {
		return
	}
	switch x.Kind {
	case "random":
		e.declareRandom(x, name, f)
		return
	case "const":
		e.bindConst(x, name, f)
		return
	}
	if f.slots != nil {
		e.declareSlot(x, name, f)
		return
	}
	ns := f.inst
	if ns == nil || f.pure != "" {
		e.report(diag.New("cell.place", x.Range, "a fn owns no "+x.Kind).WithHint("make it a block: blocks own parameters"))
		return
	}
	if ns.bare {
		e.needsLabel(ns, x.Range, "owns the "+x.Kind+" "+name)
		f.fix(name, poison{}, x.Name.Range)
		return
	}
	t, ok := e.typeOf(x.Type, f)
	if !ok {
		f.fix(name, poison{}, x.Name.Range)
		return
	}
	c := ns.cells[name]
	if c == nil {
		if c = e.newCell(x, name, t, f); c == nil {
			f.fix(name, poison{}, x.Name.Range)
			return
		}
	} else if !e.sameCell(c, x, t) {
		f.fix(name, poison{}, x.Name.Range)
		return
	}
	f.fix(name, cellRef{c}, x.Name.Range)
}

// sameCell checks a declaration that is executed again against the cell it made the first time.
func (e *elab) sameCell(c *core.Cell, x *syntax.Cell, t ir.Type) bool {
	if c.Pos != x.Range && e.graph != nil {
		e.report(diag.New("cell.twice", x.Range, c.Name+" is declared twice").WithRelated(c.Pos, "the first declaration"))
		return false
	}
	if c.Type.Equal(t, e.facts) {
		return true
	}
	d := diag.New("cell.dims", e.callAt(x.Range), fmt.Sprintf("%s has the type %s since its first call; this call needs %s", c.Name, e.showType(c.Type), e.showType(t)))
	d = d.WithRelated(c.Call, "the first call").WithRelated(x.Range, "declared here")
	e.report(d.WithHint("one instance has one set of weights: make another instance"))
	return false
}

// callAt is the innermost call of the user's, or at where there is none.
func (e *elab) callAt(at diag.Range) diag.Range {
	if i := lastUserCall(e.via); i >= 0 {
		return e.via[i]
	}
	return at
}

// newCell makes a cell with its initial value.
func (e *elab) newCell(x *syntax.Cell, name string, t ir.Type, f *frame) *core.Cell {
	c := &core.Cell{Name: join(f.inst.path, name), Kind: cellKinds[x.Kind], Type: t, Pos: x.Range, Call: e.callAt(x.Range), Frozen: f.inst.frozen}
	if c.Kind != ir.CacheCell {
		for _, d := range t.Shape {
			if n, ok := d.Const(); !ok {
				e.cellDim(c, d, x)
				return nil
			} else if n < 0 {
				e.fail("cell.dims", x.Range, "%s: a size cannot be negative: %s", c.Name, e.showType(t))
				return nil
			}
		}
	}
	e.addCell(f.inst, name, c)
	c.Init = &core.Init{}
	if x.Value != nil {
		c.Init = e.initOf(c, x.Value, f)
	}
	return c
}

func (e *elab) cellDim(c *core.Cell, d dim.Expr, x *syntax.Cell) {
	diagnostic := diag.New("cell.dims", x.Range, fmt.Sprintf("%s %s must have fixed dims, and %s is known only when the graph runs: %s",
		c.Kind, c.Name, e.facts.Show(d), e.showType(c.Type)))
	e.report(diagnostic.WithHint("fix it with a hyperparameter, or a number in the type of the graph's argument"))
}

// addCell enters a cell into its namespace and into the model.
func (e *elab) addCell(inst *instance, name string, c *core.Cell) {
	if old := e.cells[c.Name]; old != nil {
		e.report(diag.New("cell.twice", c.Pos, "two parameters would be called "+c.Name).WithRelated(old.Pos, "the other one"))
	}
	e.cells[c.Name] = c
	inst.cells[name] = c
	inst.cellList = append(inst.cellList, c)
	e.model.Cells = append(e.model.Cells, c)
}

// initOf evaluates an initial value: a constant, a draw, or a computation in a graph of its own.
func (e *elab) initOf(c *core.Cell, x syntax.Expr, f *frame) *core.Init {
	outer := e.state
	e.enter(&core.Graph{Name: "init " + c.Name, Pos: x.Span()})
	e.init = c
	init := e.evalInit(c, x, f)
	e.state = outer
	return init
}

func (e *elab) evalInit(c *core.Cell, x syntax.Expr, f *frame) *core.Init {
	v := e.eval(x, f)
	switch v := v.(type) {
	case poison:
		return &core.Init{}
	case number:
		if n, ok := v.constant(); ok {
			return &core.Init{Const: n}
		}
	case boolean:
		if v {
			return &core.Init{Const: 1}
		}
		return &core.Init{}
	case distribution:
		return &core.Init{Draw: e.newDraw(c.Name, v, c.Type, x.Span())}
	}
	s := site{x.Span(), f}
	t := e.asTensor(v, c.Type.DType, s)
	if t == nil {
		return &core.Init{}
	}
	if t = e.fit(t, c.Type, s, "the initial value of "+c.Name); t == nil {
		return &core.Init{}
	}
	e.graph.Results = []*core.Result{{Role: ir.Input, Value: t, Pos: x.Span()}}
	return &core.Init{Graph: e.graph}
}

// fit makes a value have a type: a scalar is stretched, anything else must have the type already.
func (e *elab) fit(v *core.Value, t ir.Type, s site, what string) *core.Value {
	if v.Type.DType == e.float && t.DType == e.outside {
		v = e.must("cast", attrs{"dtype": t.DType}, s, v)
	}
	if v.Type.DType == t.DType && len(v.Type.Shape) == 0 {
		return e.broadcast(v, t.Shape, s)
	}
	if v.Type.Equal(t, e.facts) {
		return v
	}
	mismatch := func(why string) diag.Diagnostic {
		return diag.New("shape.mismatch", s.at, fmt.Sprintf("%s must be %s, not %s", what, e.showType(t), e.showType(v.Type))).
			WithRelated(v.Pos, e.named(v)+" has type "+e.showType(v.Type))
	}
	if v.Type.DType == t.DType && len(v.Type.Shape) == len(t.Shape) {
		for i := range t.Shape {
			if !e.requireEqual(t.Shape[i], v.Type.Shape[i], mismatch) {
				return nil
			}
		}
		return v
	}
	e.report(mismatch(""))
	return nil
}

// read turns a cell into its current value; other values stay. Inside `in f64` and the like, floats of the type around
// it are converted where they are used.
func (e *elab) read(v value, at diag.Range, f *frame) value {
	if c, ok := v.(cellRef); ok {
		v = tensor{e.readCell(c.Cell, at, f)}
	}
	if t, ok := v.(tensor); ok && e.outside != dtype.Invalid && t.Type.DType == e.outside {
		return e.one("cast", attrs{"dtype": e.float}, site{at, f}, t.Value)
	}
	return v
}

// readCell is the value of the current version of a cell: one instruction per version and body.
func (e *elab) readCell(c *core.Cell, at diag.Range, f *frame) *core.Value {
	ver := e.versionOf(c)
	if ver.value != nil && e.inScope(ver.body) {
		return ver.value
	}
	r := &core.Read{Origin: e.origin(at, f), Cell: c, Version: ver.number}
	r.Result = &core.Value{Type: c.Type, Def: r, Name: c.Name, Pos: c.Pos}
	e.emit(r)
	ver.value, ver.body = r.Result, e.body
	return r.Result
}

func (e *elab) versionOf(c *core.Cell) *version {
	v := e.versions[c]
	if v == nil {
		v = &version{}
		e.versions[c] = v
	}
	return v
}

// write makes a value the current version of a cell.
func (e *elab) write(c *core.Cell, v *core.Value, s site, what string) {
	w := &core.Write{Origin: e.origin(s.at, s.frame), Cell: c, Value: v}
	e.emit(w)
	ver := e.versionOf(c)
	ver.number++
	ver.value, ver.wrote, ver.what = nil, s.at, what
}
