package parity

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/golden"
)

// big is set by the build tag of that name: also run what takes the evaluator minutes.
var big bool

func TestReference(t *testing.T) {
	for _, c := range Cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Big && !big {
				t.Skip("takes the evaluator long: go test -tags big")
			}
			t.Parallel() // the evaluator runs on one processor
			golden.SkipIfAbsent(t, Check(c, Reference{}))
		})
	}
}

// spoiled is the reference with a mistake.
type spoiled struct {
	Reference
	how func(p *Program, out *Transcript)
}

func (s spoiled) Run(p Program) (*Transcript, error) {
	s.how(&p, nil)
	out, err := s.Reference.Run(p)
	if err == nil {
		s.how(&p, out)
	}
	return out, err
}

// A comparison is worth what it refuses.
func TestMistakesShow(t *testing.T) {
	set := func(key, value string) func(*Program, *Transcript) {
		return func(p *Program, _ *Transcript) { p.Set = map[string]string{key: value} }
	}
	for what, m := range map[string]struct {
		name, message string
		how           func(p *Program, out *Transcript)
	}{
		"learning rate": {"train_vae", "movement of fc1.weight", set("lr", "0.0010001")},
		"one result": {"lenet5", "lenet5 output", func(_ *Program, out *Transcript) {
			if out != nil {
				out.Results[0]["output"].Data.([]float64)[3] += 1e-5
			}
		}},
		"the wrong graph": {"lenet5", "no graph", func(p *Program, _ *Transcript) { p.Calls[0].Graph = "clasify" }},
		"a missing parameter": {"lenet5", "the case has fc3.bias, the model does not", func(_ *Program, out *Transcript) {
			if out != nil {
				delete(out.Cells, "fc3.bias")
			}
		}},
		"gradients": {"train_vae", "gradient of fc4.bias", func(_ *Program, out *Transcript) {
			if out != nil {
				for name, t := range out.Slots {
					if strings.HasSuffix(name, "/m/fc4.bias") {
						t.Data.([]float64)[0] *= 1.01
					}
				}
			}
		}},
		"a step left out": {"train_vae", "9 values of loss, want 10", func(p *Program, out *Transcript) {
			if out == nil && len(p.Calls) > 1 {
				p.Calls = p.Calls[1:]
			}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			for _, c := range Cases {
				if c.Name != m.name {
					continue
				}
				err := Check(c, spoiled{how: m.how})
				if errors.Is(err, golden.ErrAbsent) {
					t.Skip(err)
				}
				assert.ErrorContains(t, err, m.message)
			}
		})
	}
}

// A float32 run of a case with kinks may differ a little after its first step, not much.
func TestKinks(t *testing.T) {
	c := Cases[slices.IndexFunc(Cases, func(c Case) bool { return c.Name == "train_gan" })]
	g := golden.Open(t, c.Name)
	calls, err := c.calls(g)
	golden.SkipIfAbsent(t, err)
	run := func(lr string) error {
		weights, err := g.WeightMap()
		require.NoError(t, err)
		got, err := Reference{}.Run(Program{File: c.File, Set: map[string]string{"lr": lr}, Weights: weights, Calls: calls})
		require.NoError(t, err)
		return compareRoughly(g, got)
	}
	assert.NoError(t, run("0.0002002"))
	assert.ErrorContains(t, run("0.0003"), "movement of")
}
