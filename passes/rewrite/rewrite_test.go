package rewrite_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/passes/rewrite"
)

func parse(t *testing.T, text string) *ir.Graph {
	t.Helper()
	g, err := ir.ParseGraph(text, op.Lookup)
	require.NoError(t, err)
	return g
}

// negNeg and expNeg are laws of a toy algebra; the first must be tried again after the second has fired.
var (
	negNeg = &rewrite.Rule{Name: "neg-neg", On: []*ir.Op{op.Neg}, Apply: func(m *rewrite.Match) []*ir.Value {
		if x := m.Node.Args[0]; x.Node != nil && x.Node.Op == op.Neg {
			return x.Node.Args
		}
		return nil
	}}
	absToNeg = &rewrite.Rule{Name: "abs-to-neg", On: []*ir.Op{op.Abs}, Apply: func(m *rewrite.Match) []*ir.Value {
		return []*ir.Value{op.On(m.Builder).Neg(m.Node.Args[0])}
	}}
)

func TestRulesFeedEachOther(t *testing.T) {
	g := parse(t, `graph "g" {
		%0 = input "x" f32[N]
		%1 = abs(%0) {} f32[N] @ "a"
		%2 "named" = neg(%1) {} f32[N]
		%3 = exp(%2) {} f32[N]
		output "y" %3
		output "z" %2
	}`)
	require.Equal(t, []string{"abs-to-neg", "neg-neg"}, rewrite.Run(g, []*rewrite.Rule{negNeg, absToNeg}, nil))
	require.NoError(t, ir.Verify(g))
	require.Equal(t, `graph "g" {
  %0 "named" = input "x" f32[N]
  %1 = exp(%0) {} f32[N]
  output "y" %1
  output "z" %0
}
`, g.String())
}

func TestNewNodesKeepTheirOrigin(t *testing.T) {
	g := parse(t, `graph "g" {
		%0 = input "x" f32[N]
		%1 = abs(%0) {} f32[N] @ "a.b"
		output "y" %1
	}`)
	rewrite.Run(g, []*rewrite.Rule{absToNeg}, nil)
	require.Equal(t, op.Neg, g.Nodes[0].Op)
	require.Equal(t, "a.b", g.Nodes[0].Path)
}

// What a rule builds before it gives up leaves no trace; a rule that always fires is stopped.
func TestDriver(t *testing.T) {
	const text = `graph "g" {
		%0 = input "x" f32[N]
		%1 = neg(%0) {} f32[N]
		output "y" %1
	}`
	g := parse(t, text)
	before := g.String()
	vain := &rewrite.Rule{Name: "vain", Apply: func(m *rewrite.Match) []*ir.Value {
		m.Op(op.Exp, nil, m.Node.Args[0])
		return nil
	}}
	require.Empty(t, rewrite.Run(g, []*rewrite.Rule{vain}, nil))
	require.Equal(t, before, g.String())

	restless := &rewrite.Rule{Name: "restless", On: []*ir.Op{op.Neg}, Apply: func(m *rewrite.Match) []*ir.Value {
		return []*ir.Value{op.On(m.Builder).Neg(m.Node.Args[0])}
	}}
	require.Len(t, rewrite.Run(g, []*rewrite.Rule{restless}, nil), 64)
	require.Equal(t, before, g.String())
}

func TestUsesAndUsers(t *testing.T) {
	g := parse(t, `graph "g" {
		%0 = input "x" f32[N]
		%1 = add(%0, %0) {} f32[N]
		%2 = neg(%0) {} f32[N]
		%3 = exp(%0) {} f32[N]
		output "y" %1
		output "z" %2
		output "e" %3
		output "x" %0
	}`)
	x, looked := g.Args[0].Value, false
	look := &rewrite.Rule{Name: "look", On: []*ir.Op{op.Neg}, Apply: func(m *rewrite.Match) []*ir.Value {
		looked = true
		require.Equal(t, 5, m.Uses(x), "two of add, one each of neg, exp and the result")
		require.Equal(t, []*ir.Node{g.Nodes[0]}, m.Users(x), "those before the node")
		return nil
	}}
	rewrite.Run(g, []*rewrite.Rule{look}, nil)
	require.True(t, looked)
}

// Regions see what the graph has become.
func TestRegions(t *testing.T) {
	g := parse(t, `graph "g" {
		%0 = input "x" f32[N]
		%1 = abs(%0) {} f32[N]
		%2 = exp(%0) {} f32[N]
		%3 = custom_grad(%2, %0) {} f32[N]
		  region (%4 f32[N]) {
		    %5 = mul(%4, %1) {} f32[N]
		    yield %5
		  }
		output "y" %3
	}`)
	require.Equal(t, []string{"abs-to-neg"}, rewrite.Run(g, []*rewrite.Rule{absToNeg}, nil))
	require.NoError(t, ir.Verify(g))
}

func TestDead(t *testing.T) {
	g := parse(t, `graph "g" {
		%0 = input "x" f32[N]
		%1 = abs(%0) {} f32[N]
		%2 = exp(%1) {} f32[N]
		%3 = neg(%0) {} f32[N]
		output "y" %3
	}`)
	rewrite.Dead(g)
	require.Len(t, g.Nodes, 1)
	require.Equal(t, op.Neg, g.Nodes[0].Op)
}
