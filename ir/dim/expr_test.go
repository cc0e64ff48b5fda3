package dim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir/dim"
)

// parse reads a size expression of a test.
func parse(t testing.TB, s string) dim.Expr {
	t.Helper()
	e, err := dim.Parse(s)
	require.NoError(t, err, s)
	return e
}

func TestNormalFormMeansTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compared := 0
	for range 20000 {
		checkTree(t, r, randomTree(r, 4), &compared)
	}
	assert.Greater(t, compared, 50000)
}

// checkTree compares an expression with the plain evaluation at random sizes, negative ones included.
func checkTree(t *testing.T, r *rand.Rand, tr tree, compared *int) {
	t.Helper()
	if tr.expr.Err() != nil {
		require.ErrorIs(t, tr.expr.Err(), dim.ErrDivZero, "small trees neither overflow nor grow too large")
		return
	}
	for range 5 {
		values := randomSizes(r, -20, 60)
		want, err := tr.value(values)
		if err != nil {
			continue
		}
		got, err := tr.expr.Eval(lookup(values))
		if assert.NoError(t, err, "%s at %v", tr.expr, values) {
			require.Equal(t, want, got, "%s at %v", tr.expr, values)
		}
		*compared++
	}
}

func TestStringIsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		e := randomTree(r, 4).expr
		if e.Err() != nil {
			continue
		}
		back, err := dim.Parse(e.String())
		require.NoError(t, err)
		require.True(t, e.Equal(back), "%s was read as %s", e, back)
		require.Equal(t, e.Key(), back.Key())
	}
}

func TestSubstitutionCommutesWithEvaluation(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		e, h, w := randomTree(r, 3), randomTree(r, 2), randomTree(r, 2)
		got := e.expr.Subst(map[string]dim.Expr{"H": h.expr, "W": w.expr})
		values := randomSizes(r, 1, 40)
		inner := map[string]int64{"C": values["C"]}
		var errH, errW error
		inner["H"], errH = h.value(values)
		inner["W"], errW = w.value(values)
		want, err := e.value(inner)
		if errH != nil || errW != nil || err != nil || got.Err() != nil {
			continue
		}
		v, err := got.Eval(lookup(values))
		require.NoError(t, err)
		require.Equal(t, want, v, "%s with H = %s, W = %s", e.expr, h.expr, w.expr)
	}
}

func TestPrintsAsWritten(t *testing.T) {
	for _, s := range []string{
		"0", "-3", "16 * h", "C * N", "2 * H + 1", "3 - H", "-H", "-2 * H - 5", "H * W + H + W", "H**2 * W - 1",
		"floor((H + 3) / 4)", "floor(H / 2)", "H - 8 * floor(H / 8)", "floor(H / W)", "floor((H + 1) / (2 * W))", "max(H, W)",
		"min(2 * H, W - 1)", "2 * max(H, W)**2", "H' + enc.H", `"two words" + 1`, "floor(max(H, W) / 3)", "floor(3 * H / 4)",
	} {
		assert.Equal(t, s, parse(t, s).String())
	}
}

func TestSimplifies(t *testing.T) {
	tests := []struct{ written, normal string }{
		{"ceil(H / 2)", "floor((H + 1) / 2)"},
		{"H % 1", "0"},
		{"(H * W) / W", "H"},
		{"(H * H - W * W) / (H + W)", "H - W"},
		{"H / 2 * 2", "H"},
		{"floor((4 * H + 6) / 8)", "floor((H + 1) / 2)"},
		{"floor((floor((H + 1) / 2) + 1) / 2)", "floor((H + 3) / 4)"},
		{"floor((floor(H / 2) + W) / 3)", "floor((H + 2 * W) / 6)"},
		{"floor(-H / 4)", "floor(3 * H / 4) - H"},
		{"floor(H / -2)", "floor(H / 2) - H"},
		{"floor((5 * N + H) / N)", "floor(H / N) + 5"},
		{"floor((2 * N * H) / (4 * N))", "floor(H / 2)"},
		{"floor(0 / N)", "0"},
		{"max(H, H + 2, 3, 1)", "max(H + 2, 3)"},
		{"min(min(H, W), H)", "min(H, W)"},
		{"max(H)", "H"},
		{"2**10", "1024"},
		{"-H**2", "-H**2"},
		{"7 % -4", "-1"},
		{"floor(H / 2 + 1 / 2)", "floor((H + 1) / 2)"},
	}
	for _, test := range tests {
		e := parse(t, test.written)
		want := parse(t, test.normal)
		assert.True(t, e.Equal(want), "%s became %s, not %s", test.written, e, want)
	}
}

func TestFloorNumeratorOrderDoesNotMatter(t *testing.T) {
	a := parse(t, "floor((floor(H / 2) + floor(W / 3) + 1) / 5)")
	b := parse(t, "floor((1 + floor(W / 3) + floor(H / 2)) / 5)")
	assert.Equal(t, a.Key(), b.Key())
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ src, message string }{
		{"", "expected a size"},
		{"H +", "expected a size"},
		{"H / 2", "not an integer for all sizes: write floor(H / 2)"},
		{"H W", `unexpected "W"`},
		{"sqrt(H)", "no function sqrt"},
		{"H ** W", "exponent"},
		{"H ** -1", "exponent"},
		{"floor(H, 2)", "one argument"},
		{"99999999999999999999", "not a 64-bit number"},
		{"H / 0", "division by zero"},
		{"9223372036854775807 + 1", "does not fit"},
		{"H ? W", `unexpected '?'`},
		{`""`, "bad name"},
		{`"a`, "invalid syntax"},
		{"(H", `expected ")"`},
		{"H / (W - W)", "division by zero"},
	}
	for _, test := range tests {
		_, err := dim.Parse(test.src)
		assert.ErrorContains(t, err, test.message, test.src)
	}
}

func TestInvalidStaysInvalid(t *testing.T) {
	h := dim.Sym("H")
	bad := h.FloorDiv(dim.Int(0))
	require.ErrorIs(t, bad.Err(), dim.ErrDivZero)
	for name, e := range map[string]dim.Expr{
		"add": bad.Add(h), "sub": h.Sub(bad), "mul": h.Mul(bad), "mul by 0": bad.Mul(dim.Int(0)), "neg": bad.Neg(),
		"floor": bad.FloorDiv(h), "ceil": h.CeilDiv(bad), "mod": bad.Mod(dim.Int(2)), "max": dim.Max(bad, h), "min": dim.Min(h, bad),
		"pow": bad.Pow(2), "subst": h.Subst(map[string]dim.Expr{"H": bad}), "sum": dim.Sum(h, bad), "product": dim.Product(bad, h),
		"zero divided": dim.Int(0).FloorDiv(bad), "over": dim.Over(bad, h).Floor(),
	} {
		assert.ErrorIs(t, e.Err(), dim.ErrDivZero, name)
	}
	assert.False(t, bad.Equal(bad))
	_, ok := bad.Const()
	assert.False(t, ok)
	_, err := bad.Eval(lookup(nil))
	assert.ErrorIs(t, err, dim.ErrDivZero)
	_, ok = dim.DivExact(bad, h)
	assert.False(t, ok)
}

func TestOverflowAndSizeLimits(t *testing.T) {
	h, big := dim.Sym("H"), dim.Int(math.MaxInt64)
	for name, e := range map[string]dim.Expr{
		"constant": big.Add(dim.Int(1)), "coefficient": h.Mul(big).Add(h), "product": h.Mul(big).Mul(dim.Int(2)),
		"minimum": dim.Int(math.MinInt64), "difference": dim.Int(-2).Sub(big),
	} {
		assert.ErrorIs(t, e.Err(), dim.ErrOverflow, name)
	}
	assert.ErrorIs(t, h.Pow(65).Err(), dim.ErrTooLarge)
	assert.ErrorIs(t, h.Add(dim.Sym("W")).Add(dim.Sym("C")).Add(dim.Sym("N")).Pow(60).Err(), dim.ErrTooLarge)
	assert.Error(t, h.Pow(-1).Err())
	assert.Error(t, dim.Sym("").Err())
	assert.True(t, dim.Int(-1).Pow(math.MaxInt).IsConst(-1))
	assert.True(t, dim.Int(1).Pow(math.MaxInt).IsConst(1))
	many := dim.Int(0)
	for i := range 1000 {
		many = dim.Max(many, dim.Sym(fmt.Sprint("s", i)))
	}
	assert.ErrorIs(t, many.Err(), dim.ErrTooLarge)
	deep := h
	for range 1000 {
		deep = dim.Max(deep.FloorDiv(dim.Sym("W")), dim.Sym("C")).Add(h)
	}
	assert.ErrorIs(t, deep.Err(), dim.ErrTooLarge)
}

func TestEvalErrors(t *testing.T) {
	_, err := parse(t, "H + W").Eval(lookup(map[string]int64{"H": 1}))
	assert.ErrorContains(t, err, "W has no value")
	_, err = parse(t, "floor(H / W)").Eval(lookup(map[string]int64{"H": 1, "W": 0}))
	assert.ErrorIs(t, err, dim.ErrDivZero)
	_, err = parse(t, "H * W").Eval(lookup(map[string]int64{"H": 1 << 40, "W": 1 << 40}))
	assert.ErrorIs(t, err, dim.ErrOverflow)
	_, err = parse(t, "H").Eval(lookup(map[string]int64{"H": math.MinInt64}))
	assert.ErrorIs(t, err, dim.ErrOverflow)
}

func TestTerms(t *testing.T) {
	terms := parse(t, "64 * N * H**2 + 3 * floor(W / 2) - 7").Terms()
	require.Len(t, terms, 3)
	assert.Equal(t, []int64{64, 3, -7}, []int64{terms[0].Coef, terms[1].Coef, terms[2].Coef})
	assert.Equal(t, "H**2 * N", terms[0].Monomial())
	assert.Len(t, terms[0].Atoms, 3)
	assert.Equal(t, "floor(W / 2)", terms[1].Monomial())
	assert.Equal(t, "1", terms[2].Monomial())
	assert.Empty(t, terms[2].Atoms)
	assert.Empty(t, dim.Int(0).Terms())
}

func TestTermsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 1000 {
		e := randomTree(r, 4).expr
		if e.Err() != nil {
			continue
		}
		var sum dim.Expr
		for _, term := range e.Terms() {
			sum = sum.Add(dim.Product(term.Atoms...).Mul(dim.Int(term.Coef)))
		}
		require.True(t, sum.Equal(e), "%s", e)
	}
}

func TestExactDivisionInvertsMultiplication(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 3000 {
		a, b := randomTree(r, 3).expr, randomTree(r, 3).expr
		product := a.Mul(b)
		if product.Err() != nil || b.IsConst(0) {
			continue
		}
		q, ok := dim.DivExact(product, b)
		require.True(t, ok, "(%s) / (%s)", product, b)
		require.True(t, q.Equal(a), "(%s) / (%s) = %s", product, b, q)
	}
}

func TestDivExactRefuses(t *testing.T) {
	for _, pair := range [][2]string{{"H", "2"}, {"H + 1", "H"}, {"H", "W"}, {"H", "0"}, {"3 * H", "2 * H"}, {"H", "H**2"}} {
		_, ok := dim.DivExact(parse(t, pair[0]), parse(t, pair[1]))
		assert.False(t, ok, "%s / %s", pair[0], pair[1])
	}
	q, ok := dim.DivExact(parse(t, "6 * B * T * D"), parse(t, "3 * T"))
	assert.True(t, ok)
	assert.Equal(t, "2 * B * D", q.String())
}

func TestZeroValueAndSymbols(t *testing.T) {
	var zero dim.Expr
	assert.True(t, zero.IsConst(0))
	assert.Equal(t, "0", zero.Key())
	assert.Equal(t, []string{"C", "H", "W"}, parse(t, "floor(max(W, H) / C) - W").Syms())
	assert.Empty(t, zero.Syms())
}

func TestRatio(t *testing.T) {
	h := dim.Sym("H")
	half := dim.Over(h, dim.Int(2))
	assert.Equal(t, "H / 2", half.String())
	_, ok := half.Exact()
	assert.False(t, ok)
	whole, ok := half.Mul(dim.Over(dim.Int(4), dim.Int(1))).Exact()
	assert.True(t, ok)
	assert.Equal(t, "2 * H", whole.String())
	assert.Equal(t, "floor((H + 1) / 2)", half.Ceil().String())
	sum, ok := half.Add(half).Exact()
	assert.True(t, ok)
	assert.True(t, sum.Equal(h))
	none, ok := half.Sub(half).Exact()
	assert.True(t, ok)
	assert.True(t, none.IsConst(0))
	assert.Equal(t, "H**2 / 4", half.Pow(2).String())

	var f dim.Facts
	require.NoError(t, f.AssumeDivisible(h, 2))
	e, ok := f.Exact(half)
	assert.True(t, ok)
	assert.Equal(t, "H / 2", f.Show(e))
	assert.Equal(t, []string{"H"}, e.Syms(), "an exact quotient is in the user's symbols")
}
