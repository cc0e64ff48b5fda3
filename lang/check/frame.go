package check

import (
	"maps"
	"slices"

	"mmc/internal/diag"
	"mmc/ir/dim"
)

// frame is one expansion of a body: the names bound in it and the instance whose namespace its labels enter.
type frame struct {
	outer    *frame // the lexically enclosing frame: of a scan's body the graph's, of a graph the model's
	scope    *scope
	vars     map[string]value
	fixed    map[string]diag.Range // names that never rebind, with their declarations
	missing  map[string]diag.Range // names bound only on an arm that was not taken
	inst     *instance
	labels   map[string]diag.Range // labels made in this expansion
	ellipsis []dim.Expr            // what ... stands for
	hasDots  bool
	what     string     // "graph segment", for messages
	pure     string     // the name of the fn whose body this is: it owns nothing
	yields   *yields    // of a scan or loop body
	slots    *slotScope // of an optimiser's body
}

func newFrame(outer *frame, s *scope, inst *instance, what string) *frame {
	return &frame{outer: outer, scope: s, vars: map[string]value{}, inst: inst, what: what}
}

// lookup finds a bound name in this frame or an enclosing one.
func (f *frame) lookup(name string) (value, bool) {
	for ; f != nil; f = f.outer {
		if v, ok := f.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// fix binds a name for good.
func (f *frame) fix(name string, v value, at diag.Range) {
	if f.fixed == nil {
		f.fixed = map[string]diag.Range{}
	}
	f.vars[name], f.fixed[name] = v, at
}

// fixedAt tells whether name is bound for good in this frame or an enclosing one, and where.
func (f *frame) fixedAt(name string) (diag.Range, bool) {
	for ; f != nil; f = f.outer {
		if at, ok := f.fixed[name]; ok {
			return at, true
		}
		if _, ok := f.vars[name]; ok {
			return diag.Range{}, false
		}
	}
	return diag.Range{}, false
}

// armOf returns where an untaken arm would have bound name.
func (f *frame) armOf(name string) (diag.Range, bool) {
	for ; f != nil; f = f.outer {
		if at, ok := f.missing[name]; ok {
			return at, true
		}
	}
	return diag.Range{}, false
}

// names lists the bound names, for suggestions.
func (f *frame) names() []string {
	all := map[string]bool{}
	for ; f != nil; f = f.outer {
		for n := range f.vars {
			all[n] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
