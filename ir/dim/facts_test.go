package dim_test

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir/dim"
)

// assumption is a random fact in words of the API and in plain arithmetic.
type assumption struct {
	a, b  tree
	cond  dim.Condition
	add   func(f *dim.Facts) error
	holds func(x, y int64) bool
}

// randomAssumption relates two small expressions.
func randomAssumption(r *rand.Rand) assumption {
	a, b := randomTree(r, r.IntN(3)), randomTree(r, r.IntN(2))
	m := r.Int64N(6) + 1
	x, y := a.expr, b.expr
	return []assumption{
		{a, b, dim.Condition{Kind: dim.Divisible, A: x, B: dim.Int(m)}, func(f *dim.Facts) error { return f.AssumeDivisible(x, m) },
			func(x, _ int64) bool { return x%m == 0 }},
		{a, b, dim.Condition{Kind: dim.Divisible, A: x, B: y}, func(f *dim.Facts) error { return f.AssumeMultiple(x, y) },
			func(x, y int64) bool { return y != 0 && x%y == 0 }},
		{a, b, dim.Condition{Kind: dim.Equal, A: x, B: y}, func(f *dim.Facts) error { return f.AssumeEqual(x, y) },
			func(x, y int64) bool { return x == y }},
		{a, b, dim.Condition{Kind: dim.AtMost, A: x, B: y}, func(f *dim.Facts) error { return f.AssumeAtMost(x, y) },
			func(x, y int64) bool { return x <= y }},
		{a, b, dim.Condition{Kind: dim.Less, A: x, B: y}, func(f *dim.Facts) error { return f.AssumeLess(x, y) },
			func(x, y int64) bool { return x < y }},
		{a, b, dim.Condition{Kind: dim.NonZero, A: x}, func(f *dim.Facts) error { return f.AssumeNonZero(x) },
			func(x, _ int64) bool { return x != 0 }},
	}[r.IntN(6)]
}

// world is a set of random facts with the assignments in a box that satisfy them, and those that do not.
type world struct {
	facts            *dim.Facts
	models, excluded []map[string]int64
	conds            []dim.Condition
}

// randomWorld adds facts one by one and checks that an alleged contradiction is one.
func randomWorld(t *testing.T, r *rand.Rand) world {
	t.Helper()
	w := world{facts: &dim.Facts{}}
	box(1, 7, func(values map[string]int64) { w.models = append(w.models, maps.Clone(values)) })
	for range r.IntN(3) + 1 {
		w.assume(t, randomAssumption(r))
	}
	return w
}

// assume adds a fact. Assignments for which it has no meaning do not count any more.
func (w *world) assume(t *testing.T, a assumption) {
	t.Helper()
	before := len(w.facts.Conditions())
	var models, excluded []map[string]int64
	for _, m := range w.models {
		x, errA := a.a.value(m)
		y, errB := a.b.value(m)
		switch {
		case errA != nil || errB != nil:
		case a.holds(x, y):
			models = append(models, m)
		default:
			excluded = append(excluded, m)
		}
	}
	err := a.add(w.facts)
	switch {
	case err == nil:
		w.models, w.excluded, w.conds = models, append(w.excluded, excluded...), append(w.conds, a.cond)
	case errors.Is(err, dim.ErrContradiction):
		require.Empty(t, models, "%s after %v: %v", a.cond, w.conds, err)
	default:
		require.ErrorIs(t, err, dim.ErrDivZero)
	}
	if err != nil {
		require.Len(t, w.facts.Conditions(), before, "a refused fact leaves no trace")
	}
}

// values are those of e in the models; nil where e is undefined. e may contain internal symbols.
func (w *world) values(t *testing.T, e dim.Expr) []*int64 {
	t.Helper()
	e = w.facts.Original(e)
	list := make([]*int64, len(w.models))
	for i, model := range w.models {
		v, err := e.Eval(lookup(model))
		if err == nil {
			list[i] = &v
		} else if !errors.Is(err, dim.ErrDivZero) {
			t.Fatal(err)
		}
	}
	return list
}

func TestClaimsHoldInEveryModel(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	claims := map[string]int{}
	for range 400 {
		w := randomWorld(t, r)
		for range 4 {
			a, b := randomTree(r, 3), randomTree(r, 2)
			if a.expr.Err() == nil && b.expr.Err() == nil {
				w.checkClaims(t, r, a.expr, b.expr, claims)
			}
		}
	}
	for _, name := range []string{"not equal", "at most", "less", "non-negative", "positive", "divides", "lower", "upper", "exact"} {
		assert.Greater(t, claims[name], 100, "too few cases of %q", name)
	}
	assert.Greater(t, claims["equal"], 10)
}

// checkClaims asks everything about a and b, and holds the answers against the models.
func (w *world) checkClaims(t *testing.T, r *rand.Rand, a, b dim.Expr, claims map[string]int) {
	t.Helper()
	f, m := w.facts, r.Int64N(5)+1
	lo, hi, loKnown, hiKnown := f.Range(a)
	quotient, exact := f.DivExact(a, b)
	norm, shown := f.Norm(a), f.Show(a)
	shownExpr, shownErr := parseRatio(shown)
	require.NoError(t, shownErr, shown)
	require.True(t, f.Norm(norm).Equal(norm) || norm.Err() != nil, "Norm of %s is not idempotent: %s, %s", a, norm, f.Norm(norm))
	x, y := w.values(t, a), w.values(t, b)
	for _, c := range []struct {
		name  string
		claim bool
		holds func(x, y int64) bool
	}{
		{"equal", f.Equal(a, b), func(x, y int64) bool { return x == y }},
		{"not equal", f.Disproves(a, b), func(x, y int64) bool { return x != y }},
		{"at most", f.AtMost(a, b), func(x, y int64) bool { return x <= y }},
		{"less", f.Less(a, b), func(x, y int64) bool { return x < y }},
		{"non-negative", f.NonNegative(a), func(x, _ int64) bool { return x >= 0 }},
		{"positive", f.Positive(a), func(x, _ int64) bool { return x > 0 }},
		{"divides", f.Divides(m, a), func(x, _ int64) bool { return x%m == 0 }},
		{"lower", loKnown, func(x, _ int64) bool { return lo <= x }},
		{"upper", hiKnown, func(x, _ int64) bool { return x <= hi }},
		{"exact", exact, func(x, y int64) bool { return y == 0 || x%y == 0 }},
	} {
		if !c.claim {
			continue
		}
		claims[c.name]++
		for i, model := range w.models {
			if x[i] != nil && y[i] != nil && !c.holds(*x[i], *y[i]) {
				t.Fatalf("%s: a = %s = %d, b = %s = %d, given %v at %v (m %d, range %d..%d)",
					c.name, a, *x[i], b, *y[i], w.conds, model, m, lo, hi)
			}
		}
	}
	normal, divided := w.values(t, norm), w.values(t, quotient)
	for i, model := range w.models {
		switch {
		case x[i] == nil:
			continue
		case norm.Err() == nil && normal[i] != nil && *normal[i] != *x[i]:
			t.Fatalf("%s became %s, given %v at %v", a, norm, w.conds, model)
		case exact && y[i] != nil && *y[i] != 0 && divided[i] != nil && *divided[i]**y[i] != *x[i]:
			t.Fatalf("(%s) / (%s) = %s", a, b, quotient)
		}
		if s, err := shownExpr(model); err == nil && s != *x[i] {
			t.Fatalf("%s is shown as %s, given %v at %v", a, shown, w.conds, model)
		}
	}
}

func TestConditionsSayWhatWasAssumed(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 500 {
		w := randomWorld(t, r)
		for _, model := range w.models {
			require.True(t, w.admits(t, model), "%v given %v at %v", w.facts.Conditions(), w.conds, model)
		}
		for _, other := range w.excluded {
			require.False(t, w.admits(t, other), "%v given %v at %v", w.facts.Conditions(), w.conds, other)
		}
	}
}

// admits tests the assignment at the door.
func (w *world) admits(t *testing.T, values map[string]int64) bool {
	t.Helper()
	for _, c := range w.facts.Conditions() {
		if holds, err := c.Holds(lookup(values)); err != nil || !holds {
			return false
		}
	}
	return true
}

func TestConditionTexts(t *testing.T) {
	var f dim.Facts
	h, w, pos, n := dim.Sym("H"), dim.Sym("W"), dim.Sym("pos"), dim.Sym("N")
	require.NoError(t, f.Bound("pos", 0, math.MaxInt64))
	require.NoError(t, f.AssumeDivisible(h, 16))
	require.NoError(t, f.AssumeDivisible(h, 8), "implied")
	require.NoError(t, f.AssumeDivisible(h.Add(w), 2))
	require.NoError(t, f.AssumeEqual(w, n))
	require.NoError(t, f.AssumeAtMost(pos.Add(h), dim.Int(1024)))
	require.NoError(t, f.AssumeLess(pos, n))
	require.NoError(t, f.AssumeNonZero(pos.Sub(h)))
	require.NoError(t, f.AssumeMultiple(dim.Sym("K"), n))
	var texts, code []string
	for _, c := range f.Conditions() {
		texts = append(texts, c.String())
		code = append(code, c.GoExpr(func(sym string) string { return "d." + sym }))
	}
	assert.Equal(t, []string{"H % 16 == 0", "(H + W) % 2 == 0", "W == N", "H + pos <= 1024", "pos < N", "pos - H != 0", "K % N == 0"}, texts)
	assert.Equal(t, []string{"d.H % 16 == 0", "(d.H + d.W) % 2 == 0", "d.W == d.N", "d.H + d.pos <= 1024", "d.pos < d.N",
		"d.pos - d.H != 0", "d.K % d.N == 0"}, code)
}

func TestContradictions(t *testing.T) {
	h, w := dim.Sym("H"), dim.Sym("W")
	tests := []struct {
		name string
		add  func(f *dim.Facts) error
	}{
		{"odd and even", func(f *dim.Facts) error {
			return errors.Join(f.AssumeDivisible(h.Sub(dim.Int(1)), 2), f.AssumeDivisible(h, 2))
		}},
		{"4h+2 and 8k", func(f *dim.Facts) error {
			return errors.Join(f.AssumeDivisible(h.Add(dim.Int(2)), 4), f.AssumeDivisible(h, 8))
		}},
		{"zero size", func(f *dim.Facts) error { return f.AssumeEqual(h, dim.Int(0)) }},
		{"parity", func(f *dim.Facts) error { return f.AssumeEqual(h.Mul(dim.Int(2)), w.Mul(dim.Int(4)).Add(dim.Int(1))) }},
		{"constant", func(f *dim.Facts) error { return f.AssumeDivisible(dim.Int(7), 2) }},
		{"order", func(f *dim.Facts) error { return errors.Join(f.AssumeLess(h, w), f.AssumeLess(w, h)) }},
		{"circle", func(f *dim.Facts) error {
			return errors.Join(f.AssumeLess(h, w), f.AssumeAtMost(w, dim.Sym("C")), f.AssumeEqual(dim.Sym("C"), h))
		}},
		{"bound", func(f *dim.Facts) error { return errors.Join(f.Bound("H", 3, 9), f.AssumeLess(dim.Int(9), h)) }},
		{"empty bound", func(f *dim.Facts) error { return f.Bound("H", 3, 2) }},
		{"no multiple of 16 below 16", func(f *dim.Facts) error {
			return errors.Join(f.AssumeDivisible(h, 16), f.AssumeLess(h, dim.Int(16)))
		}},
		{"excluded", func(f *dim.Facts) error {
			return errors.Join(f.AssumeAtMost(h, dim.Int(1)), f.AssumeNonZero(h.Sub(dim.Int(1))))
		}},
		{"squeezed", func(f *dim.Facts) error {
			return errors.Join(f.AssumeNonZero(h.Sub(dim.Int(1))), f.AssumeAtMost(h, dim.Int(1)))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { assert.ErrorIs(t, test.add(&dim.Facts{}), dim.ErrContradiction) })
	}
}
