// Package simplify makes graphs smaller without changing what they mean: algebra, movement that cancels, constants that can
// be folded, scales and shifts that weights can absorb, common subexpressions. The laws stand in rule tables, a file per
// family. It needs a graph without markers.
package simplify

import (
	"slices"

	"mmc/ir"
	"mmc/passes/rewrite"
)

// Rules lists every law.
func Rules() []*rewrite.Rule {
	return slices.Concat(algebra, constants, movement, padding, scales)
}

// Run simplifies g and returns the names of the rules that fired.
func Run(g *ir.Graph, weights rewrite.Weights) []string {
	fired := rewrite.Run(g, Rules(), weights)
	for Common(g) {
		fired = append(fired, "common-subexpression")
		fired = append(fired, rewrite.Run(g, Rules(), weights)...)
	}
	return fired
}
