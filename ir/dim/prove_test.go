package dim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir/dim"
)

// given builds facts from texts: "a % b", "a == b", "a <= b", "a < b", "a != 0".
func given(t testing.TB, facts ...[3]string) *dim.Facts {
	t.Helper()
	f := &dim.Facts{}
	add := map[string]func(a, b dim.Expr) error{
		"%": f.AssumeMultiple, "==": f.AssumeEqual, "<=": f.AssumeAtMost, "<": f.AssumeLess,
		"!=": func(a, b dim.Expr) error { return f.AssumeNonZero(a.Sub(b)) },
	}
	for _, fact := range facts {
		require.NoError(t, add[fact[1]](parse(t, fact[0]), parse(t, fact[2])))
	}
	return f
}

func TestEqualities(t *testing.T) {
	type facts = [][3]string
	tests := []struct {
		facts facts
		a, b  string
	}{
		{nil, "floor(H / 3) + floor((H + 1) / 3) + floor((H + 2) / 3)", "H"},
		{nil, "H - floor(H / 2)", "ceil(H / 2)"},
		{nil, "floor((H % 2 + 1) / 4)", "0"},
		{nil, "H % 4 % 2", "H % 2"},
		{nil, "floor(H / 2) + floor((H + W) / 2) - floor(H / 2)", "floor((W + H) / 2)"},
		{nil, "max(H, W) + min(H, W)", "H + W"},
		{nil, "max(H - 1, 0)", "H - 1"},
		{nil, "max(2 * H, 3 * H, 1)", "3 * H"},
		{nil, "max(floor(H / 2), floor((H + 1) / 2))", "floor((H + 1) / 2)"},
		{facts{{"H", "%", "4"}, {"H", "%", "6"}}, "H % 12", "0"},
		{facts{{"H - 3", "%", "8"}}, "H % 8", "3"},
		{facts{{"H + W", "%", "2"}}, "(H - W) % 2", "0"},
		{facts{{"H * W", "%", "8"}}, "8 * floor(3 * H * W * C / 8)", "3 * H * W * C"},
		{facts{{"T", "==", "H * W"}}, "floor(T / W)", "H"},
		{facts{{"2 * H", "==", "3 * W"}}, "floor(H / 3) * 2", "W"},
		{facts{{"H", "==", "W"}, {"W", "==", "C"}}, "H * W", "C**2"},
		{facts{{"H", "<", "4"}}, "floor((H + 4 * W) / 4)", "W"},
		{facts{{"H", "<=", "W"}, {"W", "<=", "H"}}, "2 * H", "H + W"},
		{facts{{"H", "<=", "W"}}, "max(H, W)", "W"},
		{facts{{"K", "%", "N"}}, "N * floor(K / N)", "K"},
		{facts{{"floor(H / 2)", "==", "floor(W / 2)"}}, "H - H % 2", "W - W % 2"},
		{facts{{"H", "==", "7"}}, "floor(H / 2)", "3"},
		{facts{{"H * H", "==", "W * W"}}, "2 * H * H * C - 2 * C * W * W", "0"},
		{facts{{"L", "==", "16 * H"}, {"H", "%", "2"}}, "L % 32", "0"},
		{facts{{"H * W", "==", "T"}, {"T", "%", "8"}}, "H * W % 8", "0"},
		{facts{{"H * W", "%", "8"}, {"H", "%", "2"}}, "(H * W) % 8", "0"},
	}
	for _, test := range tests {
		f := given(t, test.facts...)
		a, b := parse(t, test.a), parse(t, test.b)
		assert.True(t, f.Equal(a, b), "%v: %s == %s; normal forms %s, %s", test.facts, a, b, f.Norm(a), f.Norm(b))
		if test.facts != nil {
			assert.False(t, (&dim.Facts{}).Equal(a, b), "%s == %s needs %v", a, b, test.facts)
		}
	}
}

func TestInequalities(t *testing.T) {
	type facts = [][3]string
	tests := []struct {
		facts facts
		a, b  string
	}{
		{nil, "0", "H % 8"},
		{nil, "H % 8", "7"},
		{nil, "2 * floor(H / 2)", "H"},
		{nil, "floor((H + 7) / 8)", "floor((H + 3) / 4)"},
		{nil, "H", "H * W"},
		{nil, "H + W", "H * W + 1"},
		{nil, "min(H, W)", "max(H, W)"},
		{nil, "H", "max(W, H) + 1"},
		{nil, "floor(H / 4) + floor(W / 4)", "floor((H + W) / 4)"},
		{facts{{"pos + T", "<=", "L"}}, "pos + 1", "L"},
		{facts{{"H", "<=", "W"}, {"W", "<=", "C"}}, "H", "C"},
		{facts{{"2 * H", "<=", "W"}}, "4 * H", "2 * W"},
		{facts{{"H", "<", "W"}}, "H + 1", "W"},
		{facts{{"H", "!=", "1"}}, "2", "H"},
		{facts{{"H", "%", "16"}}, "16", "H"},
	}
	for _, test := range tests {
		f := given(t, test.facts...)
		a, b := parse(t, test.a), parse(t, test.b)
		assert.True(t, f.AtMost(a, b), "%v: %s <= %s", test.facts, a, b)
		assert.False(t, f.AtMost(b.Add(dim.Int(1)), a), "%v: not the other way round", test.facts)
	}
}

func TestDisproofs(t *testing.T) {
	f := given(t, [3]string{"H", "%", "4"}, [3]string{"H", "<", "W"}, [3]string{"C - 5", "!=", "0"})
	for _, pair := range [][2]string{
		{"H", "H + 1"}, {"H", "4 * N + 2"}, {"H", "W"}, {"H", "0"}, {"C", "5"}, {"2 * N + 1", "2 * C"}, {"H % 3", "3"},
	} {
		assert.True(t, f.Disproves(parse(t, pair[0]), parse(t, pair[1])), "%v", pair)
		assert.False(t, f.Equal(parse(t, pair[0]), parse(t, pair[1])), "%v", pair)
	}
	for _, pair := range [][2]string{{"H", "N"}, {"H", "4"}, {"W", "5"}, {"C", "6"}, {"H % 3", "2"}} {
		assert.False(t, f.Disproves(parse(t, pair[0]), parse(t, pair[1])), "%v", pair)
	}
}

func TestDivisibility(t *testing.T) {
	f := given(t, [3]string{"H", "%", "6"})
	for _, c := range []struct {
		m int64
		e string
	}{{3, "H"}, {12, "2 * H + 24"}, {2, "W * (W + 1)"}, {6, "W * (W + 1) * (W + 2)"}, {4, "H**2"}, {-3, "H"}, {8, "8 * floor(W / 3)"}} {
		assert.True(t, f.Divides(c.m, parse(t, c.e)), "%d divides %s", c.m, c.e)
	}
	assert.False(t, f.Divides(4, parse(t, "H")))
	assert.False(t, f.Divides(0, parse(t, "H")))
	assert.True(t, f.Divides(0, dim.Int(0)))
}

func TestShow(t *testing.T) {
	type facts = [][3]string
	tests := []struct {
		facts       facts
		size, shown string
	}{
		{nil, "floor(H / 8)", "floor(H / 8)"},
		{facts{{"H", "%", "8"}}, "floor(H / 8)", "H / 8"},
		{facts{{"H", "%", "16"}}, "3 * floor(H / 8) + 1", "3 * H / 8 + 1"},
		{facts{{"H", "%", "16"}}, "floor((H + 3) / 4)", "H / 4"},
		{facts{{"H", "%", "16"}}, "floor(H / 32)", "floor(H / 32)"},
		{facts{{"H", "%", "16"}, {"W", "%", "16"}}, "N * floor(H / 16) * floor(W / 16)", "H * N * W / 256"},
		{facts{{"H - 1", "%", "2"}}, "floor(H / 2) + 3", "(H + 5) / 2"},
		{facts{{"H - 1", "%", "2"}}, "2 * floor(H / 2)", "H - 1"},
		{facts{{"K", "%", "N"}}, "floor(K / N)", "K / N"},
		{facts{{"H", "==", "W"}}, "W", "W"},
		{facts{{"H", "%", "16"}}, "max(floor(H / 16), W)", "max(W, floor(H / 16))"},
	}
	for _, test := range tests {
		f := given(t, test.facts...)
		e := parse(t, test.size)
		assert.Equal(t, test.shown, f.Show(e))
		assert.NotContains(t, f.Show(f.Norm(e)), "'", "internal symbols are not shown")
	}
}

func TestHints(t *testing.T) {
	eq := func(pairs ...[2]string) (eqs [][2]dim.Expr) {
		for _, p := range pairs {
			eqs = append(eqs, [2]dim.Expr{parse(t, p[0]), parse(t, p[1])})
		}
		return eqs
	}
	tests := []struct {
		facts [][3]string
		eqs   [][2]dim.Expr
		hint  string
	}{
		{nil, eq([2]string{"2 * floor(H / 2)", "H"}, [2]string{"8 * floor(W / 8)", "W"}), "where H % 2 == 0, W % 8 == 0"},
		{nil, eq([2]string{"3 * floor(H / 3)", "H"}), "where H % 3 == 0"},
		{nil, eq([2]string{"2 * floor(H / 2)", "H"}, [2]string{"3 * floor(H / 3)", "H"}), "where H % 6 == 0"},
		{[][3]string{{"H", "%", "4"}}, eq([2]string{"32 * floor(H / 32)", "H"}), "where H % 32 == 0"},
		{nil, eq([2]string{"H", "W"}), "where H == W"},
		{nil, eq([2]string{"floor(H / 2)", "floor(W / 2)"}), "where H == W"},
		{nil, eq([2]string{"H * W", "T"}), "where T == H * W"},
		{nil, eq([2]string{"H", "W"}, [2]string{"2 * N", "2 * M"}), "where H == W, N == M"},
		{nil, eq([2]string{"H", "W"}, [2]string{"W", "C"}, [2]string{"C", "H"}), "where H == W, W == C"},
		{nil, eq([2]string{"H", "3"}), "where H == 3"},
		{nil, eq([2]string{"H", "W"}, [2]string{"2 * N", "3 * M"}), ""},
		{nil, eq([2]string{"H", "H + 1"}), ""},
		{nil, eq([2]string{"2 * floor(H / 2) + 1", "H"}), ""},
		{nil, eq([2]string{"H", "H"}), ""},
	}
	for _, test := range tests {
		hint, ok := given(t, test.facts...).Hint(test.eqs)
		assert.Equal(t, test.hint != "", ok)
		assert.Equal(t, test.hint, hint)
	}
}

func TestNormLeadsBack(t *testing.T) {
	f := given(t, [3]string{"H", "%", "16"}, [3]string{"W", "%", "16"})
	n := f.Norm(parse(t, "64 * N * H * W"))
	terms := n.Terms()
	require.Len(t, terms, 1)
	assert.EqualValues(t, 64*256, terms[0].Coef)
	assert.Equal(t, []string{"H", "N", "W"}, f.Original(n).Syms())
	defs := f.Internal()
	require.Len(t, defs, 2)
	assert.Equal(t, "floor(H / 16)", defs[0].Value.String())
	value, err := f.Original(n).Eval(lookup(map[string]int64{"H": 32, "W": 48, "N": 2}))
	require.NoError(t, err)
	assert.EqualValues(t, 64*2*32*48, value)
}

func TestCloneIsIndependent(t *testing.T) {
	var f dim.Facts
	g := f.Clone()
	require.NoError(t, g.AssumeDivisible(dim.Sym("H"), 2))
	assert.True(t, g.Divides(2, dim.Sym("H")))
	assert.False(t, f.Divides(2, dim.Sym("H")))
	assert.Empty(t, f.Conditions())
}

func TestBounds(t *testing.T) {
	var f dim.Facts
	require.NoError(t, f.Bound("H", 0, 1<<40))
	assert.False(t, f.Positive(dim.Sym("H")))
	assert.True(t, f.NonNegative(dim.Sym("H")))
	require.NoError(t, f.Bound("H", 32, 32))
	assert.True(t, f.Equal(dim.Sym("H"), dim.Int(32)))
	require.NoError(t, f.AssumeDivisible(dim.Sym("W"), 4))
	assert.ErrorContains(t, f.Bound("W", 0, 10), "after a fact")
	require.NoError(t, f.Bound("W", 3, 10))
	lo, hi, _, _ := f.Range(dim.Sym("W"))
	assert.Equal(t, []int64{4, 8}, []int64{lo, hi}, "multiples of 4 only")
}
