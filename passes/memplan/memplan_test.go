package memplan_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/ir/plan"
	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/passes"
	"mmc/passes/memplan"
)

// models are the networks of the examples, with calls at which the arena is compared with the bound.
var models = []struct {
	file, model string
	sizes       []plancheck.Sizes
}{
	{"lenet5", "LeNet5", batches()},
	{"vae", "VAE", batches()},
	{"gan", "GAN", batches()},
	{"wgan_gp", "WGAN_GP", batches()},
	{"googlenet", "GoogLeNet", images()},
	{"inception_v3", "InceptionV3", images()},
	{"vgg16", "VGG16", batches()},
	{"resnet", "ResNet18", images()},
	{"resnet", "ResNet152", images()},
	{"unet", "UNet", images()},
}

func batches() []plancheck.Sizes {
	return []plancheck.Sizes{{"N": 1, "B": 1}, {"N": 7, "B": 7}, {"N": 64, "B": 64}}
}

func images() []plancheck.Sizes {
	return []plancheck.Sizes{{"N": 1, "H": 224, "W": 224}, {"N": 8, "H": 224, "W": 224}, {"N": 2, "H": 96, "W": 512}}
}

func planned(t *testing.T, file, model string) *plan.Package {
	t.Helper()
	files, found := check.Load("../../examples/"+file+"/"+file+".mm", os.ReadFile)
	require.False(t, found.HasErrors(), found)
	program, found := check.Check(files, check.Options{Ops: op.Lookup})
	require.False(t, found.HasErrors(), found)
	closed, found := check.Instantiate(program, model, nil)
	require.False(t, found.HasErrors(), found)
	m, found := lower.Lower(closed)
	require.False(t, found.HasErrors(), found)
	pkg, err := passes.Plan(m, passes.Options{})
	require.NoError(t, err)
	return pkg
}

// The arena of every example stays within a quarter of what must be live at once, whatever the sizes; most reach it.
func TestArenaOfExamples(t *testing.T) {
	for _, x := range models {
		t.Run(x.model, func(t *testing.T) {
			pkg := planned(t, x.file, x.model)
			programs := pkg.Graphs
			if pkg.Prepare != nil {
				programs = append(programs, pkg.Prepare)
			}
			for _, p := range programs {
				for _, sizes := range x.sizes {
					require.NoError(t, p.Verify(sizes), "%s at %v", p.Graph.Name, sizes)
					arena, bound, formula := figures(t, p, sizes)
					require.LessOrEqual(t, float64(arena), 1.25*float64(bound), "%s at %v", p.Graph.Name, sizes)
					require.LessOrEqual(t, formula, bound, "%s at %v: the lower bound as a formula", p.Graph.Name, sizes)
				}
			}
		})
	}
}

// figures evaluates the arena's size, the bytes that are live at the fullest step, and the plan's own lower bound.
func figures(t *testing.T, p *plan.Program, sizes plancheck.Sizes) (arena, bound, formula int64) {
	t.Helper()
	env := func(sym string) (int64, bool) { n, ok := sizes[sym]; return n, ok }
	_, arena, err := p.Arena.Sizes(env)
	require.NoError(t, err)
	formula, err = p.Arena.LowerBound.Eval(env)
	require.NoError(t, err)
	live := make([]int64, len(p.Steps)+1)
	for _, b := range p.Buffers {
		if b.Space != plan.ArenaSpace || b.Last < b.First {
			continue
		}
		n, err := b.Size.Eval(env)
		require.NoError(t, err)
		for step := b.First; step <= b.Last; step++ {
			live[step] += (n*int64(b.DType.Size()) + 63) / 64 * 64
		}
	}
	for _, n := range live {
		bound = max(bound, n)
	}
	return arena, bound, formula
}

// A plan that verifies at a hundred sizes for networks with everything in them.
func TestVerifyExamples(t *testing.T) {
	for _, x := range models[:4] {
		pkg := planned(t, x.file, x.model)
		for _, p := range pkg.Graphs {
			require.NoError(t, p.Verify(nil), "%s %s", x.model, p.Graph.Name)
		}
	}
}

// The same module gives the same plan.
func TestDeterministic(t *testing.T) {
	text := func() string {
		s := ""
		for _, p := range planned(t, "gan", "GAN").Graphs {
			s += plancheck.Show(p)
			for _, b := range p.Arena.Order {
				s += fmt.Sprintln(b.ID, b.Name, b.Offset)
			}
			s += p.Arena.Bytes.String()
		}
		return s
	}
	want := text()
	for range 3 {
		require.Equal(t, want, text())
	}
}

// chain makes a program of so many steps over buffers of the given lives, each N elements; the test touches no step.
func chain(steps int, lives ...[2]int) *plan.Program {
	p := &plan.Program{Graph: &ir.Graph{Facts: new(dim.Facts)}, Steps: make([]*plan.Step, steps)}
	for i := range p.Steps {
		p.Steps[i] = &plan.Step{Template: plan.Loops}
	}
	for i, life := range lives {
		p.Buffers = append(p.Buffers, &plan.Buffer{ID: i, Name: fmt.Sprint("b", i), DType: dtype.F32, Size: dim.Sym("N"), First: life[0], Last: life[1]})
	}
	return p
}

// More ends than a maximum can join: hundreds of small buffers of unlike sizes under one that meets them all.
func TestManyEnds(t *testing.T) {
	p := chain(300)
	for i := range 300 {
		size := dim.Sym("N").Mul(dim.Int(int64(1 + i%7))).Add(dim.Int(int64(i)))
		p.Buffers = append(p.Buffers, &plan.Buffer{ID: len(p.Buffers), Name: fmt.Sprint("s", i), DType: dtype.F32, Size: size, First: i, Last: i + 1})
	}
	p.Buffers = append(p.Buffers, &plan.Buffer{ID: len(p.Buffers), Name: "wide", DType: dtype.F32, Size: dim.Sym("M"), First: 0, Last: 300})
	memplan.Run(p)
	for _, sizes := range []map[string]int64{{"N": 1, "M": 1}, {"N": 50, "M": 3}, {"N": 3, "M": 100000}} {
		arena, bound, _ := figures(t, p, sizes)
		require.LessOrEqual(t, float64(arena), 1.5*float64(bound), sizes)
		disjoint(t, p, sizes)
	}
}

// disjoint checks places by brute force.
func disjoint(t *testing.T, p *plan.Program, sizes map[string]int64) {
	t.Helper()
	env := func(sym string) (int64, bool) { n, ok := sizes[sym]; return n, ok }
	at, _, err := p.Arena.Sizes(env)
	require.NoError(t, err)
	end := func(b *plan.Buffer) int64 {
		n, err := b.Size.Eval(env)
		require.NoError(t, err)
		return at[b] + 4*n
	}
	for i, a := range p.Buffers {
		for _, b := range p.Buffers[:i] {
			if a.First <= b.Last && b.First <= a.Last {
				require.True(t, end(a) <= at[b] || end(b) <= at[a], "%s and %s", a.Name, b.Name)
			}
		}
	}
}

// A U-shaped net: buffers nest, and every second dies early.
func TestNestedLives(t *testing.T) {
	p := chain(8, [2]int{0, 7}, [2]int{1, 2}, [2]int{2, 6}, [2]int{3, 4}, [2]int{4, 5}, [2]int{5, 7}, [2]int{7, 8})
	memplan.Run(p)
	arena, bound, _ := figures(t, p, plancheck.Sizes{"N": 100})
	require.Equal(t, bound, arena)
	disjoint(t, p, plancheck.Sizes{"N": 100})
}

// An elementwise chain runs in one buffer; what is still needed is not overwritten.
func TestReuse(t *testing.T) {
	for name, x := range map[string]struct {
		text    string
		buffers int
	}{
		"chain": {`module "M" { graph "g" {
			%0 = input "x" f32[N]
			%1 = input "y" f32[N, N]
			%2 = sum(%1) {axes: [0], keep: false} f32[N]
			%3 = sum(%1) {axes: [1], keep: false} f32[N]
			%4 = add(%2, %0) {} f32[N]
			%5 = exp(%4) {} f32[N]
			%6 = mul(%5, %3) {} f32[N]
			output "z" %6
		} }`, 2},
		"still needed": {`module "M" { graph "g" {
			%0 = input "y" f32[N, N]
			%1 = sum(%0) {axes: [0], keep: false} f32[N]
			%2 = sum(%0) {axes: [1], keep: false} f32[N]
			%3 = mul(%1, %2) {} f32[N]
			%4 = amax(%3) {axes: [0], keep: false} f32[]
			%5 = broadcast(%4) {shape: [N]} f32[N]
			%6 = sub(%1, %5) {} f32[N]
			output "z" %6
			output "first" %1
		} }`, 4},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ir.ParseModule(x.text, op.Lookup)
			require.NoError(t, err)
			pkg, err := plancheck.Module(m, plancheck.Sizes{"N": 5})
			require.NoError(t, err)
			require.Len(t, pkg.Graphs[0].Arena.Order, x.buffers, plancheck.Show(pkg.Graphs[0]))
		})
	}
}
