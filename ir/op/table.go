// Package op is the one place where operators are defined, a file per family. An operator is a record (ir.Op): its type
// rule, gradient, evaluation in float64, lowering to loop nests and samples stand side by side. Everything else in the
// compiler reaches operators through the record's properties; passes that must know one operator compare with the
// package variable (n.Op == op.Conv).
//
// The package is free of passes, targets and syntax. Evaluation and lowering are written independently of each other:
// their agreement on every sample is the conformance test of both.
package op

import (
	"maps"
	"slices"
	"strings"

	"mmc/ir"
)

var table = map[string]*ir.Op{}

// define fills the slot o and enters it into the table. Slots are declared first and filled in init functions because
// records refer to each other (the gradient of sin uses cos and the other way round), which Go refuses of initialisers.
func define(o *ir.Op, rec ir.Op) {
	if _, dup := table[rec.Name]; dup {
		panic("op: " + rec.Name + " is defined twice")
	}
	infer := rec.Infer
	rec.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		if err := count(in); err != nil {
			return nil, err
		}
		return infer(in)
	}
	*o = rec
	table[rec.Name] = o
}

// slot returns a record that define will fill.
func slot() *ir.Op { return new(ir.Op) }

// Lookup returns the record of that name, or nil.
func Lookup(name string) *ir.Op { return table[name] }

// Names returns the names of all records in order.
func Names() []string { return slices.Sorted(maps.Keys(table)) }

// All returns all records by name.
func All() []*ir.Op {
	out := make([]*ir.Op, 0, len(table))
	for _, o := range table {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *ir.Op) int { return strings.Compare(a.Name, b.Name) })
	return out
}
