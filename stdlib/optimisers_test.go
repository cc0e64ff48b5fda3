package stdlib_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/parity"
)

// optimiser is one step t = 1, 2, … of a rule for one number: w with gradient g, and what the rule remembers of earlier steps. The
// rule is the one of the paper or of PyTorch's page, not of the library's text.
type optimiser func(w, g float64, memory *[2]float64, t int) float64

// rules are the optimisers by graph, each with the label of its weights.
var rules = map[string]struct {
	label string
	step  optimiser
}{
	"sgd_plain": {"plain", func(w, g float64, _ *[2]float64, _ int) float64 { return w - 0.1*g }},
	"sgd_decay": {"decay", func(w, g float64, _ *[2]float64, _ int) float64 { return w - 0.1*(g+0.01*w) }},
	"sgd_momentum": {"momentum", func(w, g float64, m *[2]float64, _ int) float64 {
		m[0] = 0.9*m[0] + g + 0.01*w
		return w - 0.1*m[0]
	}},
	"sgd_nesterov": {"nesterov", func(w, g float64, m *[2]float64, _ int) float64 {
		m[0] = 0.9*m[0] + g
		return w - 0.1*(g+0.9*m[0])
	}},
	"adam_decay": {"adam1", func(w, g float64, m *[2]float64, t int) float64 { return adam(w, g+0.1*w, m, t) }},
	"adam_apart": {"adam2", func(w, g float64, m *[2]float64, t int) float64 { return adam(w-0.05*0.1*w, g, m, t) }},
	"rms_step": {"rms", func(w, g float64, m *[2]float64, _ int) float64 {
		m[0] = 0.9*m[0] + 0.1*g*g
		return w - 0.05*g/(math.Sqrt(m[0])+1e-3)
	}},
}

// adam moves w against the corrected mean of the gradients over the root of that of their squares.
func adam(w, g float64, m *[2]float64, t int) float64 {
	m[0], m[1] = 0.8*m[0]+0.2*g, 0.9*m[1]+0.1*g*g
	mean, square := m[0]/(1-math.Pow(0.8, float64(t))), m[1]/(1-math.Pow(0.9, float64(t)))
	return w - 0.05*mean/(math.Sqrt(square)+1e-3)
}

// Every optimiser takes five steps as its rule says; the loss of each is half the squared distance before the step.
func TestOptimisers(t *testing.T) {
	c := chance{rand.New(rand.NewPCG(3, 4))}
	weights := arrays{"clip.w": c.array(3)}
	for _, r := range rules {
		weights[r.label+".w"] = c.array(3)
	}
	const steps = 5
	p := program("Optimisers", weights)
	var want []float64
	after := arrays{"clip.w": weights["clip.w"]}
	for _, graph := range slices.Sorted(maps.Keys(rules)) {
		rule := rules[graph]
		w, memory := append([]float64(nil), weights[rule.label+".w"].data...), make([][2]float64, 3)
		for step := range steps {
			x, loss := c.array(3), 0.0
			for i := range w {
				g := w[i] - x.data[i]
				loss += g * g / 2
				w[i] = rule.step(w[i], g, &memory[i], step+1)
			}
			p.Calls = append(p.Calls, parity.Call{Graph: graph, Inputs: tensors(arrays{"x": x})})
			want = append(want, loss)
		}
		after[rule.label+".w"] = array{[]int{3}, w}
	}
	for name, r := range runners(t) {
		t.Run(name, func(t *testing.T) {
			got, err := r.Run(p)
			require.NoError(t, err)
			for i, loss := range want {
				assert.NoError(t, differ(scalar(loss), got.Results[i]["loss"], r.tolerance), "%s, step %d", p.Calls[i].Graph, i%steps)
			}
			for cell, w := range after {
				assert.NoError(t, differ(w, got.Cells[cell], r.tolerance), cell)
			}
		})
	}
}

// A gradient that is longer than the limit is cut to it, one that is shorter is not.
func TestClipping(t *testing.T) {
	w, far, near := array{[]int{3}, []float64{1, 2, 2}}, array{[]int{3}, []float64{-2, 2, -2}}, array{[]int{3}, []float64{1, 2, 1.75}}
	weights := arrays{"clip.w": w}
	for _, r := range rules {
		weights[r.label+".w"] = zeros(3)
	}
	for name, r := range runners(t) {
		t.Run(name, func(t *testing.T) {
			for x, share := range map[*array]float64{&far: 0.5 / 5, &near: 1} { // the gradients (3, 0, 4) and (0, 0, 0.25)
				p := program("Optimisers", weights)
				p.Calls = []parity.Call{{Graph: "clipped", Inputs: tensors(arrays{"x": *x})}}
				got, err := r.Run(p)
				require.NoError(t, err)
				want := build(w.shape, func(i []int) float64 { return w.get(i...) - 0.1*share*(w.get(i...)-x.get(i...)) })
				assert.NoError(t, differ(want, got.Cells["clip.w"], max(r.tolerance, 1e-6)), "limit with %v", x.data)
			}
		})
	}
}

// Dropout is the identity outside of training. In training a share of the elements is zero and the others grow by as much, anew
// at each step; a mask that the caller gives is used.
func TestDropout(t *testing.T) {
	const n, p = 8192, 0.25
	c := chance{rand.New(rand.NewPCG(5, 6))}
	x := c.array(n)
	mask := c.whole(2, n)
	calm := program("Noise", nil)
	calm.Calls = []parity.Call{{Graph: "calm", Inputs: tensors(arrays{"x": x})}}
	noisy := program("Noise", nil)
	noisy.Calls = []parity.Call{
		{Graph: "noisy", Inputs: tensors(arrays{"x": x})}, {Graph: "noisy", Inputs: tensors(arrays{"x": x})},
		{Graph: "noisy", Inputs: tensors(arrays{"x": x, "drop.keep#0": mask})},
	}
	for name, r := range runners(t) {
		t.Run(name, func(t *testing.T) {
			got, err := r.Run(calm)
			require.NoError(t, err)
			assert.NoError(t, differ(x, got.Results[0]["output"], 0))
			got, err = r.Run(noisy)
			require.NoError(t, err)
			var masks [2][]bool
			for step := range masks {
				masks[step] = dropped(t, x, got.Results[step], p, r.tolerance)
			}
			both := 0
			for i := range n {
				if masks[0][i] && masks[1][i] {
					both++
				}
			}
			assert.InDelta(t, p*p*n, both, 4*math.Sqrt(n*p*p*(1-p*p)), "elements dropped in both steps, if these are independent")
			want := build(x.shape, func(i []int) float64 { return x.get(i...) * mask.get(i...) / (1 - p) })
			assert.NoError(t, differ(want, got.Results[2]["kept"], r.tolerance))
		})
	}
}

// dropped tells which elements became zero. Their share must be p within four deviations, and the others x / (1 - p).
func dropped(t *testing.T, x array, results parity.Tensors, p, tolerance float64) []bool {
	y, err := results["kept"].Values()
	require.NoError(t, err)
	out, count := make([]bool, len(y)), 0.0
	for i := range y {
		if out[i] = y[i] == 0; out[i] {
			count++
			continue
		}
		require.InDelta(t, x.data[i]/(1-p), y[i], 3*tolerance)
	}
	n := float64(len(y))
	assert.InDelta(t, p*n, count, 4*math.Sqrt(n*p*(1-p)))
	return out
}
