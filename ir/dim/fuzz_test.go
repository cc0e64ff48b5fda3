package dim_test

import (
	"math/rand/v2"
	"testing"

	"mmc/ir/dim"
)

// FuzzParse: no text makes the parser panic or hang, and what it accepts is printed so that it reads the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"16 * h", "floor((H + 3) / 4)", "-H**2 % 7", "max(H, W - 1, 3) / 1", "ceil(H / 2 + 1 / 3)", `"two words" * 2`, "((((H))))", "H / W * W",
		"floor(floor(H / W) / floor(W / H))", "9223372036854775807", "H**64", "min(H, -9223372036854775807 * W)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := dim.Parse(s)
		if err != nil {
			return
		}
		if e.Err() != nil {
			t.Fatalf("%q was accepted as %s", s, e)
		}
		back, err := dim.Parse(e.String())
		if err != nil {
			t.Fatalf("%q became %s, which does not parse: %v", s, e, err)
		}
		if !back.Equal(e) || back.String() != e.String() {
			t.Fatalf("%q became %s, which reads as %s", s, e, back)
		}
	})
}

// FuzzNormalForm: a random expression means the same before and after simplification.
func FuzzNormalForm(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint8(4))
	f.Fuzz(func(t *testing.T, seed, stream uint64, depth uint8) {
		r := rand.New(rand.NewPCG(seed, stream))
		tr := randomTree(r, int(depth%6))
		if tr.expr.Err() != nil {
			return
		}
		compared := 0
		checkTree(t, r, tr, &compared)
	})
}

// FuzzFacts: whatever is claimed from random facts is true in every small model of them.
func FuzzFacts(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, seed, stream uint64) {
		r := rand.New(rand.NewPCG(seed, stream))
		w := randomWorld(t, r)
		a, b := randomTree(r, 3), randomTree(r, 2)
		if a.expr.Err() == nil && b.expr.Err() == nil {
			w.checkClaims(t, r, a.expr, b.expr, map[string]int{})
		}
	})
}
