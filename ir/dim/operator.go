package dim

import "slices"

// operator is a kind of atom: everything the package knows about it stands in its row.
type operator struct {
	rank  int    // position in the order of atoms
	name  string // in .mm
	build func(args []Expr) Expr
	eval  func(args []int64) (int64, error)
	bound func(args []interval) interval
}

// The kinds of atoms, in their order inside a monomial.
var opSymbol, opFloor, opMax, opMin *operator

// The rows refer to constructors that refer to the rows, hence the assignment here.
func init() {
	opSymbol = &operator{rank: 0}
	opFloor = &operator{
		rank: 1, name: "floor",
		build: func(args []Expr) Expr { return args[0].FloorDiv(args[1]) },
		eval:  evalFloor,
		bound: floorInterval,
	}
	opMax = &operator{
		rank: 2, name: "max",
		build: func(args []Expr) Expr { return extremum(opMax, 1, args...) },
		eval:  func(args []int64) (int64, error) { return slices.Max(args), nil },
		bound: maxInterval,
	}
	opMin = &operator{
		rank: 3, name: "min",
		build: func(args []Expr) Expr { return extremum(opMin, -1, args...) },
		eval:  func(args []int64) (int64, error) { return slices.Min(args), nil },
		bound: minInterval,
	}
}

func evalFloor(args []int64) (int64, error) {
	if args[1] == 0 {
		return 0, ErrDivZero
	}
	return floorDiv(args[0], args[1]), nil
}
