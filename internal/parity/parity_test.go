package parity

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

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

// inFloat32 claims to be a float32 run.
type inFloat32 struct{ spoiled }

func (inFloat32) Tolerance() golden.Tolerance { return golden.Direct }

// A mistake does not pass for units that changed sides.
func TestMistakesAreNoKinks(t *testing.T) {
	assert.ErrorContains(t, (&sides{all: 100}).err(), "0 of 100 units changed sides, which explains nothing")
	assert.ErrorContains(t, (&sides{changed: 10, all: 1e5}).err(), "explains nothing")
	for _, c := range Cases {
		if c.Name != "train_gan" {
			continue
		}
		g := golden.Open(t, c.Name)
		p, err := c.program(g)
		golden.SkipIfAbsent(t, err)
		assert.NoError(t, err)
		slow := func(p *Program, _ *Transcript) { p.Set = map[string]string{"lr": "0.00020002"} } // one part in ten thousand
		_, _, err = c.checkSides(g, p, inFloat32{spoiled{how: slow}})
		assert.ErrorContains(t, err, "movement of")
	}
}
