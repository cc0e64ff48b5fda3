// Package expand replaces nodes whose operators have no kernel of their own by simpler ones, as their records say. It needs a
// graph without markers.
package expand

import (
	"mmc/ir"
	"mmc/passes/rewrite"
)

// rule is the whole pass. What an operator expands into may need to be expanded again: the driver comes by until nothing
// changes.
var rule = &rewrite.Rule{Name: "expand", Law: "an operator that is not lowered is what its record expands it into", Apply: func(m *rewrite.Match) []*ir.Value {
	if o := m.Node.Op; o.Lower == nil && o.Expand != nil {
		return o.Expand(m.Builder, m.Node)
	}
	return nil
}}

// Run expands g in place.
func Run(g *ir.Graph) { rewrite.Run(g, []*rewrite.Rule{rule}, nil) }
