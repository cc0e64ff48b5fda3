package plancheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/parity"
	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/plan"
	"mmc/passes"
)

// figures are what is expected of one graph: how many matrix kernels it has, which is the number of its convolutions and linear
// layers where nothing is differentiated, and at most how many others.
type figures struct{ gemm, others int }

// network is a model of the examples.
type network struct {
	file, model string
	graphs      map[string]figures
	sizes       []plancheck.Sizes // at which the arena is compared with the bound
}

func batches() []plancheck.Sizes { return []plancheck.Sizes{{"N": 1}, {"N": 7}, {"N": 64}} }

func images() []plancheck.Sizes {
	return []plancheck.Sizes{{"N": 1, "H": 224, "W": 224}, {"N": 8, "H": 224, "W": 224}, {"N": 2, "H": 96, "W": 512}}
}

// networks are all examples. An inference has no kernels but its products and its pools, copies of its image among them: batch
// normalisation, activations, residual sums and concatenations are parts of products. A transposed convolution of stride two is
// four products.
var networks = []network{
	{"lenet5", "", map[string]figures{"classify": {5, 4}, "step": {14, 59}}, batches()},
	{"vae", "", map[string]figures{
		"encode": {3, 0}, "logits": {2, 0}, "decode": {2, 0}, "sample": {2, 0}, "reconstruct": {5, 1}, "elbo": {14, 38},
	}, batches()},
	{"gan", "", map[string]figures{"generate": {5, 7}, "judge": {3, 3}, "step": {40, 153}}, batches()},
	{"wgan_gp", "", map[string]figures{"generate": {2, 0}, "critic": {31, 81}, "generator": {13, 33}}, batches()},
	{"superres", "", map[string]figures{"upscale": {6, 12}, "luma": {4, 2}}, images()},
	{"alexnet", "", map[string]figures{"classify": {8, 5}}, batches()},
	{"vgg16", "VGG16", map[string]figures{"classify": {16, 7}}, batches()},
	{"googlenet", "", map[string]figures{"classify": {58, 15}}, images()},
	{"inception_v3", "", map[string]figures{"classify": {95, 14}}, images()},
	{"resnet", "ResNet18", map[string]figures{"classify": {21, 3}, "step": {71, 385}}, images()},
	{"resnet", "ResNet50", map[string]figures{"classify": {54, 3}, "step": {170, 942}}, images()},
	{"unet", "UNet", map[string]figures{"segment": {35, 10}, "step": {80, 460}}, images()},
	{"unet", "UNet2015", map[string]figures{"segment": {35, 13}}, []plancheck.Sizes{{"N": 1, "H": 188, "W": 204}, {"N": 2, "H": 572, "W": 572}}},
}

// The plans of all examples, whole and for every graph: right at a hundred sizes, small, and with no more kernels than were once
// reached. Cells are updated where they lie.
func TestExamples(t *testing.T) {
	for _, x := range networks {
		t.Run(x.file+x.model, func(t *testing.T) {
			m, err := parity.Build(parity.Program{File: "examples/" + x.file + "/" + x.file + ".mm", Model: x.model})
			require.NoError(t, err)
			pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
			require.NoError(t, err)
			require.Len(t, pkg.Graphs, len(x.graphs))
			for _, p := range pkg.Graphs {
				x.kernels(t, p)
				assert.Zero(t, p.Stats.CellCopies, "%s copies cells", p.Graph.Name)
			}
			for _, p := range plancheck.Programs(pkg) {
				assert.NoError(t, p.Verify(nil), p.Graph.Name)
				x.arena(t, p)
			}
		})
	}
}

// kernels compares the numbers of steps.
func (x network) kernels(t *testing.T, p *plan.Program) {
	want, known := x.graphs[p.Graph.Name]
	require.True(t, known, p.Graph.Name)
	got := figures{}
	for _, s := range p.Steps {
		if s.Template == plan.Gemm {
			got.gemm++
		} else {
			got.others++
		}
	}
	if p.Graph.Train {
		assert.LessOrEqual(t, got.gemm, want.gemm, "products of %s", p.Graph.Name)
	} else {
		assert.Equal(t, want.gemm, got.gemm, "products of %s", p.Graph.Name)
	}
	assert.LessOrEqual(t, got.others, want.others, "other kernels of %s", p.Graph.Name)
}

// arena compares the arena with what must be live at once.
func (x network) arena(t *testing.T, p *plan.Program) {
	for _, sizes := range x.sizes {
		env := func(sym string) (int64, bool) { n, ok := sizes[sym]; return n, ok }
		_, bytes, err := p.Arena.Sizes(env)
		require.NoError(t, err, p.Graph.Name)
		live := make([]int64, len(p.Steps)+1)
		bound := int64(0)
		for _, b := range p.Buffers {
			if b.Space != plan.ArenaSpace || b.Last < b.First {
				continue
			}
			n, err := b.Size.Eval(env)
			require.NoError(t, err)
			for step := b.First; step <= b.Last; step++ {
				live[step] += (n*int64(b.DType.Size()) + 63) / 64 * 64
				bound = max(bound, live[step])
			}
		}
		assert.LessOrEqual(t, float64(bytes), 1.25*float64(bound), "arena of %s at %v", p.Graph.Name, sizes)
	}
}
