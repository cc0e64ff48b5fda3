package hoist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/passes/hoist"
	"mmc/passes/rewrite"
)

// Two graphs need the same exponential of a weight, each under a shape of its own; a state that one of them writes is no
// weight.
const text = `module "M" {
  graph "one" {
    %0 = input "x" f32[N, 3]
    %1 = cell param "w" "w" f32[3]
    %2 = exp(%1) {} f32[3]
    %3 = broadcast(%2) {shape: [N, 3]} f32[N, 3]
    %4 = mul(%0, %3) {} f32[N, 3]
    output "y" %4
  }
  graph "two" {
    %0 = input "x" f32[3]
    %1 = cell param "w" "w" f32[3]
    %2 = exp(%1) {} f32[3]
    %3 = cell state "s" "s" f32[3]
    %4 = neg(%3) {} f32[3]
    %5 = mul(%2, %4) {} f32[3]
    %6 = add(%5, %0) {} f32[3]
    update "s" %6
    output "w" %1
  }
}
`

const prepared = `graph "prepare" {
  %0 "w" = cell param "w" "w" f32[3]
  %1 = exp(%0) {} f32[3]
}
`

const first = `graph "one" {
  %0 = input "x" f32[N, 3]
  %1 "exp" = prepared "exp" f32[3]
  %2 = broadcast(%1) {shape: [N, 3]} f32[N, 3]
  %3 = mul(%0, %2) {} f32[N, 3]
  output "y" %3
}
`

const second = `graph "two" {
  %0 = input "x" f32[3]
  %1 = cell state "s" "s" f32[3]
  %2 "exp" = prepared "exp" f32[3]
  %3 "w" = prepared "w" f32[3]
  %4 = neg(%1) {} f32[3]
  %5 = mul(%2, %4) {} f32[3]
  %6 = add(%5, %0) {} f32[3]
  update "s" %6
  output "w" %3
}
`

func TestRun(t *testing.T) {
	m, err := ir.ParseModule(text, op.Lookup)
	require.NoError(t, err)
	p, weights := hoist.New(), rewrite.WeightsOf(m)
	var got []*ir.Graph
	for _, g := range m.Graphs {
		before := g.String()
		h := hoist.Run(g, p, weights)
		require.NoError(t, ir.Verify(h))
		require.Equal(t, before, g.String(), "hoist changed the graph")
		got = append(got, h)
	}
	require.Equal(t, prepared, p.Graph.String())
	require.Equal(t, first, got[0].String())
	require.Equal(t, second, got[1].String())
	require.Same(t, got[0].Args[1].Source, got[1].Args[2].Source, "prepared twice")
}

// A size of the call is no constant, though a scalar made of it has a constant shape.
func TestSizesStay(t *testing.T) {
	m, err := ir.ParseModule(`module "M" { graph "mean" {
		%0 = input "x" f32[N]
		%1 = cell param "w" "w" f32[]
		%2 = dim_value() {value: N, dtype: f32} f32[]
		%3 = div(%1, %2) {} f32[]
		%4 = sum(%0) {axes: [0], keep: false} f32[]
		%5 = mul(%4, %3) {} f32[]
		output "y" %5
	} }`, op.Lookup)
	require.NoError(t, err)
	p := hoist.New()
	got := hoist.Run(m.Graphs[0], p, rewrite.WeightsOf(m))
	require.NoError(t, ir.Verify(got))
	require.Empty(t, p.Graph.Nodes)
	require.Len(t, got.Nodes, 4)
}

func TestWeights(t *testing.T) {
	m, err := ir.ParseModule(text, op.Lookup)
	require.NoError(t, err)
	cells := map[string]*ir.Cell{}
	for _, g := range m.Graphs {
		for _, a := range g.Args {
			if a.Cell != nil {
				cells[a.Cell.Name] = a.Cell
			}
		}
	}
	require.Equal(t, rewrite.Weights{cells["w"]: true}, rewrite.WeightsOf(m))
	m.Graphs[1].Train = true
	require.Equal(t, rewrite.Weights{cells["w"]: true, cells["s"]: true}, rewrite.WeightsOf(m), "whoever trains loads anew")
	cells["w"].Kind = ir.InOutCell
	require.Equal(t, rewrite.Weights{cells["s"]: true}, rewrite.WeightsOf(m))
}
