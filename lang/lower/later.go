package lower

import (
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/lang/check/core"
)

// This file holds what is checked and not compiled yet: each construct is reported where it stands, once.

// notYet is the diagnostic for what is checked but not compiled.
func notYet(code string, at diag.Range, what string) diag.Diagnostic {
	return diag.New("later."+code, at, what+" is not compiled yet").WithHint("mmc check accepts it; a later version will compile it")
}

// later reports a construct, and stands in for its results.
func (x *graphLowerer) later(at core.Origin, what string, results []*core.Value) {
	x.tell(notYet(what, at.Pos, what))
	for _, r := range results {
		x.values[r] = &ir.Value{Type: r.Type, Name: r.Name}
	}
}

// tell reports d unless the same was said at the same place: graphs share calls, and blocks are called often.
func (l *lowerer) tell(d diag.Diagnostic) {
	said := slices.ContainsFunc(l.diags, func(o diag.Diagnostic) bool { return o.Code == d.Code && o.Range == d.Range })
	if !said {
		l.diags = append(l.diags, d)
	}
}

// cached reports a cache, which needs a session that is decoding, where it is declared.
func (l *lowerer) cached(c *core.Cell) {
	if c.Kind == ir.CacheCell {
		l.tell(notYet("cache", c.Pos, "a cache"))
	}
}

// half reports what would compute in a 16-bit float. Such tensors are kept, moved and converted; how often a calculation in them rounds
// must not depend on what the passes fuse, so it waits until the language says.
func (l *lowerer) half(t dtype.DType, at diag.Range, what string) {
	if t.IsHalf() {
		d := notYet("half", at, what+" in "+t.String())
		l.tell(d.WithHint("calculate in f32, f32(x), and convert what is kept, " + t.String() + "(x)"))
	}
}

// halves reports an operator that computes with halves, or makes them where gradients are summed.
func (x *graphLowerer) halves(i *core.Apply) {
	if i.Op.Has(ir.Marker) {
		return
	}
	moves := i.Op == op.Cast || i.Op == op.Const || i.Op.Kind == ir.Broadcast || i.Op.Kind == ir.Injective
	for _, v := range slices.Concat(i.Args, i.Results) {
		if made := v.Def == core.Instr(i); !moves || made && x.grads {
			x.half(v.Type.DType, i.Pos, "computing")
		}
	}
}
