package compiled_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
	"mmc/internal/parity"
	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/plan"
	"mmc/passes"
)

// TestMemory compares the most memory that a program ever held with what its plan says: cells, prepared weights, arena, inputs.
// One model is large by its weights, the other by its arena.
func TestMemory(t *testing.T) {
	const other = 48 << 20 // the program itself, its stacks, what the collector leaves, the results
	for _, c := range []struct {
		program parity.Program
		graph   string
		input   string
		shape   []int
		sizes   map[string]int64
	}{
		{parity.Program{File: "examples/vae/vae.mm", Set: map[string]string{"hidden": "30000"}}, "reconstruct", "image", []int{64, 1, 28, 28}, map[string]int64{"N": 64}},
		{parity.Program{File: "examples/superres/superres.mm"}, "luma", "y", []int{1, 1, 500, 600}, map[string]int64{"N": 1, "H": 500, "W": 600}},
	} {
		t.Run(c.graph, func(t *testing.T) {
			mod, err := parity.Build(c.program)
			require.NoError(t, err)
			for _, g := range mod.Graphs {
				if g.Name == c.graph {
					mod.Graphs = []*ir.Graph{g} // the others are not called
				}
			}
			pkg, err := passes.Plan(mod, passes.Options{Verify: ir.Verify})
			require.NoError(t, err)
			binary, err := compiled.Program(t.Context(), pkg, gosrc.Options{Version: "test"})
			require.NoError(t, err)
			n := 1
			for _, d := range c.shape {
				n *= d
			}
			x, err := tensor.Of(c.shape, make([]float32, n))
			require.NoError(t, err)
			file := filepath.Join(t.TempDir(), "in.safetensors")
			require.NoError(t, interop.WriteTensors(file, []interop.Named{{Name: c.input, Tensor: x}}))

			planned := plannedBytes(t, pkg, c.sizes)
			require.Greater(t, planned, int64(3*other), "a model too small to tell anything")
			cmd := exec.Command(binary, "-graph", c.graph, "-seed", "1", "-out", file+".out", file)
			cmd.Env = append(os.Environ(), "MMC_ISA=")
			text, err := cmd.CombinedOutput()
			require.NoError(t, err, string(text))
			held := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
			t.Logf("planned %d MB, held %d MB", planned>>20, held>>20)
			require.LessOrEqual(t, held, planned+int64(4*n)+other)
			require.Greater(t, held, planned/2, "the plan promises more than is used")
		})
	}
}

// plannedBytes are the cells, the prepared weights and the arena of a package's only graph, as `mmc stats` sums them up.
func plannedBytes(t *testing.T, pkg *plan.Package, sizes map[string]int64) int64 {
	t.Helper()
	env := func(s string) (int64, bool) { v, ok := sizes[s]; return v, ok }
	value := func(e dim.Expr) int64 {
		v, err := e.Eval(env)
		require.NoError(t, err)
		return v
	}
	_, total, err := pkg.Graphs[0].Arena.Sizes(env)
	require.NoError(t, err)
	for _, c := range pkg.Module.Cells {
		if c.Kind != ir.SlotCell {
			total += value(c.Type.Size()) * int64(c.Type.DType.Size())
		}
	}
	return total + pkg.PreparedBytes()
}
