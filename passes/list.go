package passes

// Pipeline is the list of graph passes, in order. The passes that make a plan of a graph follow it in Plan:
//
//	hoist    after simplify: folding batch statistics into weights makes more of the graph depend on weights alone
//	fuse     before layout: an order of axes is chosen for values that are stored, and fuse decides which are
//	layout   before memplan: it knows borders, slices and scratch, which are part of the arena
//	memplan  last: everything that needs memory is known
var Pipeline = []Pass{}
