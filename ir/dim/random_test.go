package dim_test

import (
	"errors"
	"math/rand/v2"

	"mmc/ir/dim"
)

// tree is a size expression as somebody wrote it, evaluated in the plainest way. It is what normal forms are compared with.
type tree struct {
	expr  dim.Expr
	value func(env map[string]int64) (int64, error)
}

var errUndefined = errors.New("division by zero")

var symbols = []string{"H", "W", "C"}

func leaf(r *rand.Rand) tree {
	if r.IntN(3) == 0 {
		n := r.Int64N(21) - 10
		return tree{dim.Int(n), func(map[string]int64) (int64, error) { return n, nil }}
	}
	name := symbols[r.IntN(len(symbols))]
	return tree{dim.Sym(name), func(env map[string]int64) (int64, error) { return env[name], nil }}
}

// operation pairs a method under test with its meaning on integers.
type operation struct {
	build func(a, b dim.Expr) dim.Expr
	apply func(a, b int64) int64
	total bool // defined for b == 0
}

func floorOf(a, b int64) int64 {
	q := a / b
	for q*b > a && b > 0 || q*b < a && b < 0 {
		q--
	}
	return q
}

var operations = []operation{
	{dim.Expr.Add, func(a, b int64) int64 { return a + b }, true},
	{dim.Expr.Sub, func(a, b int64) int64 { return a - b }, true},
	{dim.Expr.Mul, func(a, b int64) int64 { return a * b }, true},
	{dim.Max, func(a, b int64) int64 { return max(a, b) }, true},
	{dim.Min, func(a, b int64) int64 { return min(a, b) }, true},
	{dim.Expr.FloorDiv, floorOf, false},
	{dim.Expr.CeilDiv, func(a, b int64) int64 { return -floorOf(-a, b) }, false},
	{dim.Expr.Mod, func(a, b int64) int64 { return a - b*floorOf(a, b) }, false},
}

func randomTree(r *rand.Rand, depth int) tree {
	if depth == 0 || r.IntN(5) == 0 {
		return leaf(r)
	}
	op := operations[r.IntN(len(operations))]
	a, b := randomTree(r, depth-1), randomTree(r, depth-1)
	if !op.total && r.IntN(3) > 0 { // divisors are mostly constants
		k := r.Int64N(8) + 1
		b = tree{dim.Int(k), func(map[string]int64) (int64, error) { return k, nil }}
	}
	return tree{op.build(a.expr, b.expr), func(env map[string]int64) (int64, error) {
		x, err := a.value(env)
		if err != nil {
			return 0, err
		}
		y, err := b.value(env)
		if err != nil {
			return 0, err
		}
		if y == 0 && !op.total {
			return 0, errUndefined
		}
		return op.apply(x, y), nil
	}}
}

// lookup is an environment for Eval.
func lookup(values map[string]int64) func(string) (int64, bool) {
	return func(sym string) (int64, bool) {
		v, ok := values[sym]
		return v, ok
	}
}

func randomSizes(r *rand.Rand, from, to int64) map[string]int64 {
	values := map[string]int64{}
	for _, sym := range symbols {
		values[sym] = from + r.Int64N(to-from+1)
	}
	return values
}

// box calls visit for every assignment of from..to to the symbols.
func box(from, to int64, visit func(values map[string]int64)) {
	values := map[string]int64{}
	var fill func(i int)
	fill = func(i int) {
		if i == len(symbols) {
			visit(values)
			return
		}
		for v := from; v <= to; v++ {
			values[symbols[i]] = v
			fill(i + 1)
		}
	}
	fill(0)
}
