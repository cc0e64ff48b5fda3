package check

import (
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// This file expands `accumulate k`: gradients are averaged over k calls, and parameters move in every k-th.

// accumulate evaluates the clause, counts the call and replaces the gradients by their averages so far. It gives the
// condition under which no step is made: nil without a clause or after an error.
func (e *elab) accumulate(s *syntax.Minimize, groups []*group, f *frame) *core.Value {
	if s.Accumulate == nil || len(groups) == 0 {
		return nil
	}
	at := site{s.Accumulate.Span(), f}
	v := e.eval(s.Accumulate, f)
	k, ok := wholeNumber(e, v).(number)
	if n, _ := k.integer(); !ok || n < 1 {
		if !isPoison(v) {
			e.fail("minimize.accumulate", at.at, "accumulate takes a positive int, not %s", e.describe(v))
		}
		return nil
	}
	use := e.optimizerNamed(groups[0].opt.name)
	count := e.slot(use, use.core.Name+"/accumulated", ir.Type{DType: e.float}, at)
	seen := e.sum(tensor{e.readCell(count, at.at, f)}, whole(1), at)
	hold := e.asTensor(e.elementwise(e.op("lt"), nil, []value{seen, k}, at), dtype.Bool, at)
	if hold == nil {
		return nil
	}
	e.writeUnless(hold, count, seen, at)
	for _, g := range groups {
		for i, c := range g.cells {
			g.grads[i] = e.gather(k, hold, g.opt, c, g.grads[i], at)
		}
	}
	return hold
}

func (e *elab) sum(a, b value, s site) value {
	return e.elementwise(e.op("add"), nil, []value{a, b}, s)
}

// writeUnless keeps a running value while hold, and starts it again from zero otherwise.
func (e *elab) writeUnless(hold *core.Value, c *core.Cell, running value, s site) {
	v := e.elementwise(e.op("select"), nil, []value{tensor{hold}, running, whole(0)}, s)
	if t, ok := v.(tensor); ok {
		e.write(c, t.Value, s, "minimize")
	}
}

// gather adds a gradient to the average of a parameter and gives what the optimiser sees.
func (e *elab) gather(every number, hold *core.Value, o optimizer, c *core.Cell, g *core.Value, s site) *core.Value {
	use := e.optimizerNamed(o.name)
	acc := e.slot(use, use.core.Name+"/accumulated/"+c.Name, c.Type, s)
	share := e.elementwise(e.op("div"), nil, []value{tensor{g}, every}, s)
	total := e.sum(tensor{e.readCell(acc, s.at, s.frame)}, share, s)
	e.writeUnless(hold, acc, total, s)
	if t, ok := total.(tensor); ok {
		return t.Value
	}
	return g
}

// slot finds or makes a slot that starts at zero.
func (e *elab) slot(use *optimizerUse, name string, t ir.Type, s site) *core.Cell {
	c := use.slots[name]
	if c == nil {
		c = &core.Cell{Name: name, Kind: ir.SlotCell, Type: t, Pos: s.at, Call: s.at, Init: &core.Init{}}
		use.add(c, e.model)
	}
	return c
}

// add enters a slot into its optimiser and into the model.
func (u *optimizerUse) add(c *core.Cell, m *core.Model) {
	u.slots[c.Name] = c
	u.core.Slots = append(u.core.Slots, c)
	m.Cells = append(m.Cells, c)
}

// either joins two conditions that hold a step back; nil is none.
func (e *elab) either(a, b *core.Value, s site) *core.Value {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return e.must("or", nil, s, a, b)
}
