package gosrc

import (
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// nestExprs calls f for every size expression of a nest.
func nestExprs(n *loop.Nest, f func(dim.Expr)) {
	index := func(list []loop.Index) {
		for _, ix := range list {
			f(ix.Off)
			for _, t := range ix.Terms {
				f(t.Coef)
			}
		}
	}
	for _, a := range n.Axes {
		f(a.Extent)
	}
	for _, in := range n.Body {
		f(in.Dim)
		if in.Access != nil {
			index(in.Access.Index)
		}
	}
	for _, s := range n.Stores {
		index(s.Index)
	}
}
