package vec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/vec"
)

// badRecords are records that Build refuses, with a part of the reason.
var badRecords = map[string]struct {
	record func(b *builder)
	reason string
}{
	"value of a loop used behind it": {func(b *builder) {
		var x v
		b.Loop(b.Int("n"), func() { x = b.Load(vec.At(b.Ptr("x"), 0), 0) })
		b.Store(x, vec.At(b.Ptr("y"), 0), 0)
	}, "is not defined here"},
	"carried value defined inside": {func(b *builder) {
		acc := b.NewV()
		x := b.Load(vec.At(b.Ptr("x"), 0), 0)
		b.Loop(b.Int("n"), func() {
			b.Fma(acc, x, x)
			b.SetZero(acc)
		})
	}, "is not defined here"},
	"value of one branch": {func(b *builder) {
		acc := b.NewV()
		b.If(b.Int("n"), 1, func() { b.SetZero(acc) }, func() {})
		b.Store(acc, vec.At(b.Ptr("y"), 0), 0)
	}, "is not defined here"},
	"value of the other branch": {func(b *builder) {
		acc := b.NewV()
		b.If(b.Int("n"), 1, func() { b.SetZero(acc) }, func() { b.Store(acc, vec.At(b.Ptr("y"), 0), 0) })
	}, "is not defined here"},
	"value used after Set took its instruction": {func(b *builder) {
		d := b.Zero()
		x := b.Load(vec.At(b.Ptr("x"), 0), 0)
		sum := b.Add(x, x)
		b.Set(d, sum)
		b.Store(sum, vec.At(b.Ptr("y"), 0), 0)
	}, "is not defined here"},
	"float where an integer belongs": {func(b *builder) {
		x := b.Load(vec.At(b.Ptr("x"), 0), 0)
		b.Store(b.Add(x, b.ConstI(3)), vec.At(b.Ptr("y"), 0), 0)
	}, "wants an f32 vector, has an i32 vector"},
	"bits of floats": {func(b *builder) {
		x := b.Load(vec.At(b.Ptr("x"), 0), 0)
		b.Store(b.And(x, x), vec.At(b.Ptr("y"), 0), 0)
	}, "and is not defined on an f32 vector"},
	"loop counter changed": {func(b *builder) {
		n := b.Int("n")
		b.Loop(n, func() { b.IncI(n, 1) })
	}, "changes the counter"},
	"unknown argument":       {func(b *builder) { b.Ptr("z") }, "no argument z"},
	"argument of other type": {func(b *builder) { b.Int("x") }, "no argument x of type int"},
	"scaled too far": {func(b *builder) {
		b.Store(b.Zero(), vec.At(b.Ptr("y"), 0).Index(b.Int("n"), 4), 0)
	}, "cannot hold 4 times an index"},
	"gather of bytes": {func(b *builder) { b.Gather(vec.At(b.Ptr("u"), 0), b.Iota(), 0) }, "a gather of uint8 is not supported"},
	"saved elsewhere": {func(b *builder) { b.SavePtr("x", b.Ptr("y")) }, "a position in y is saved as x"},
	"stored kind": {func(b *builder) {
		b.Store(b.Iota(), vec.At(b.Ptr("y"), 0), 0)
	}, "wants an f32 vector"},
}

func TestRefused(t *testing.T) {
	for name, bad := range badRecords {
		for _, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
			b := vec.New("f", target, vec.Slice("x", vec.F32), vec.Slice("y", vec.F32), vec.Slice("u", vec.U8), vec.Int("n"))
			bad.record(b)
			_, err := b.Build()
			require.ErrorContains(t, err, bad.reason, name)
			require.ErrorContains(t, err, "vec: f: ", name)
		}
	}
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		args   []vec.Arg
		reason string
	}{
		{[]vec.Arg{vec.Int("n"), vec.Int("n")}, "declared twice"},
		{[]vec.Arg{vec.Float("s"), vec.Int("n")}, "follows a float"},
		{[]vec.Arg{vec.Int("v12")}, "named like a register"},
	} {
		_, err := vec.New("f", vec.AVX512, c.args...).Build()
		require.ErrorContains(t, err, c.reason)
	}
}

// TestPressure: a record may use every register of a file and not one more; Live tells how many vectors it used.
func TestPressure(t *testing.T) {
	vectors := func(n int) (*vec.Func, error) {
		b := vec.New("f", vec.AVX512, vec.Slice("x", vec.F32))
		x := b.Ptr("x")
		var all []v
		for k := range n {
			all = append(all, b.Load(vec.At(x, k*16), 0))
		}
		for k, v := range all {
			b.Store(v, vec.At(x, k*16), 0)
		}
		return b.Build()
	}
	f, err := vectors(32)
	require.NoError(t, err)
	require.Equal(t, 32, f.Live)
	_, err = vectors(33)
	require.ErrorContains(t, err, "needs more than the 32 vector registers of avx512")

	integers := func(n int) error {
		b := vec.New("f", vec.AVX512, vec.Int("n"))
		var all []vec.I
		for range n {
			all = append(all, b.Int("n"))
		}
		for _, i := range all {
			b.SaveInt("n", i)
		}
		_, err := b.Build()
		return err
	}
	require.NoError(t, integers(14))
	require.ErrorContains(t, integers(15), "14 general registers")
}

// TestSweep: what nobody needs is not printed.
func TestSweep(t *testing.T) {
	b := vec.New("f", vec.AVX512, vec.Slice("x", vec.F32), vec.Int("n"))
	x := b.Ptr("x")
	p := b.Copy(x)
	b.Loop(b.Int("n"), func() {
		b.Div(b.Load(vec.At(p, 0), 0), b.Load(vec.At(x, 0), 0))
		b.Step(p, 16)
	})
	b.Store(b.Zero(), vec.At(x, 0), 0)
	f, err := b.Build()
	require.NoError(t, err)
	require.NotContains(t, string(f.Text), "VDIVPS")
	require.NotContains(t, string(f.Text), "ADDQ")
	require.Equal(t, 1, f.Live)
}
