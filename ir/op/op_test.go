package op_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/conform"
	"mmc/ir"
	"mmc/ir/op"
)

// The tests of this package know no operator: they take every record's samples. That Eval and Lower agree is tested in
// internal/conform.

// eachSample runs f on all samples of all operators.
func eachSample(t *testing.T, f func(t *testing.T, o *ir.Op, s ir.Sample)) {
	for _, o := range op.All() {
		for i, s := range o.Samples() {
			t.Run(fmt.Sprintf("%s/%d", o.Name, i), func(t *testing.T) { f(t, o, s) })
		}
	}
}

func graphOf(t *testing.T, o *ir.Op, s ir.Sample) *ir.Graph {
	t.Helper()
	g, err := conform.Graph(o, s, o.Name)
	require.NoError(t, err)
	return g
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func near(t *testing.T, want, got []float64, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if math.IsNaN(want[i]) && math.IsNaN(got[i]) || want[i] == got[i] {
			continue
		}
		if diff := math.Abs(want[i] - got[i]); !(diff <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("element %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestTextRoundTrip(t *testing.T) {
	eachSample(t, func(t *testing.T, o *ir.Op, s ir.Sample) {
		g := graphOf(t, o, s)
		require.NoError(t, ir.Verify(g))
		back, err := ir.ParseGraph(g.String(), op.Lookup)
		require.NoError(t, err, g.String())
		require.Equal(t, g.String(), back.String())
		require.NoError(t, ir.Verify(back))
		for i, p := range o.Params {
			require.EqualValues(t, fmt.Sprint(g.Nodes[0].Attrs[i]), fmt.Sprint(back.Nodes[0].Attrs[i]), p.Name)
		}
	})
}

// Every record says what the compiler needs of its kind, and has samples where a generic test can use them.
func TestRecordsAreComplete(t *testing.T) {
	for _, o := range op.All() {
		t.Run(o.Name, func(t *testing.T) {
			require.Same(t, o, op.Lookup(o.Name))
			require.NotEmpty(t, o.Doc)
			require.NotNil(t, o.Infer)
			require.Equal(t, o.Has(ir.NoGradient), o.Grad == nil && o != op.Grad, "a gradient, or none by definition")
			for _, p := range o.Params {
				require.NotEmpty(t, p.Doc, p.Name)
				require.True(t, p.Default == nil || p.Kind.Admits(p.Default), p.Name)
			}
			if o.Kind == ir.Structural && o != op.Tap {
				return // regions and grad nodes are tested in passes/grad
			}
			require.NotNil(t, o.Eval)
			require.NotEmpty(t, o.Samples())
			lowered := o.Lower != nil || o.Expand != nil
			require.NotEqual(t, lowered, o.Has(ir.View) || o.Has(ir.Marker) || o == op.Literal)
		})
	}
}
