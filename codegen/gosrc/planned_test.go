package gosrc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/internal/parity"
	"mmc/ir"
	"mmc/ir/plan"
	"mmc/passes"
)

// examples are packages as users get them: planned, with packed weights and fused kernels, inference and training. The tests of
// testdata/planned run on each.
var examples = map[string]parity.Program{
	"lenet5":   {File: "examples/lenet5/lenet5.mm"},
	"vae":      {File: "examples/vae/vae.mm"},
	"inout":    {File: "codegen/gosrc/testdata/planned/inout.mm"},
	"residual": {File: "codegen/gosrc/testdata/planned/residual.mm"},
}

func planned(t *testing.T, p parity.Program) *plan.Package {
	t.Helper()
	mod, err := parity.Build(p)
	require.NoError(t, err)
	pkg, err := passes.Plan(mod, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	return pkg
}

// plannedTests puts the tests of one example, and those that all have in common, beside its package.
func (m *module) plannedTests(example, pkg string) {
	for _, name := range []string{"common", example} {
		text, err := os.ReadFile(filepath.Join("testdata", "planned", name+"_test.go"))
		require.NoError(m.t, err)
		_, rest, found := strings.Cut(string(text), "\n")
		require.True(m.t, found)
		m.write(filepath.Join(pkg, name+"_test.go"), "package "+pkg+"\n"+rest)
	}
}

// TestPlanned builds the examples and runs their tests on every instruction set: the same bits on any number of threads, nothing
// allocated, many sessions. Poisoned packages, in which dead memory is NaN, give the same bits.
func TestPlanned(t *testing.T) {
	m := newModule(t)
	m.sharedRuntime()
	for name, program := range examples {
		m.generateShared(name, planned(t, program))
		m.plannedTests(name, name)
	}
	for _, isa := range isas(t) {
		t.Run(isa, func(t *testing.T) {
			m.t = t
			plain := m.digests(isa, "./...")
			require.Len(t, plain, 2*len(examples))
			poisoned := m.digests(isa, "-tags=mmcpoison", "-run=Threads", "./lenet5", "./vae")
			require.Len(t, poisoned, 4)
			for name, digest := range poisoned {
				require.Equal(t, plain[name], digest, "poisoned %s", name)
			}
		})
	}
}

// TestPoisonShows has a plan in which one buffer of each graph dies a step too early. Nothing but poison shows it: by chance
// the memory still holds what is read.
func TestPoisonShows(t *testing.T) {
	pkg := planned(t, examples["lenet5"])
	for _, p := range pkg.Graphs {
		b := lastRead(p)
		require.NotNil(t, b, p.Graph.Name)
		b.Last--
	}
	m := newModule(t)
	m.sharedRuntime()
	m.generateShared("lenet5", pkg)
	m.plannedTests("lenet5", "lenet5")
	vectors, err := filepath.Glob(filepath.Join(m.dir, "lenet5", "*_amd64.*"))
	require.NoError(t, err)
	for _, f := range vectors {
		require.NoError(t, os.Remove(f)) // the portable kernels are enough
	}
	text, err := m.goTest("-run=Threads", "./lenet5")
	require.NoError(t, err, string(text))
	text, err = m.goTest("-tags=mmcpoison", "-run=Threads", "./lenet5")
	require.Error(t, err)
	for _, graph := range []string{"graphs", "steps"} {
		require.Regexp(t, "FAIL: TestThreads/"+graph+` .*\n.* results are NaN`, string(text))
	}
}

// lastRead is an arena buffer that a step reads last, after it has been alive for a while.
func lastRead(p *plan.Program) *plan.Buffer {
	for i, s := range p.Steps {
		for _, v := range s.In {
			if b := v.Buf; b.Space == plan.ArenaSpace && b.Last == i && b.First < i {
				return b
			}
		}
	}
	return nil
}

// sharedRuntime puts one runtime beside the packages of a module, which spares the time to compile one for each.
func (m *module) sharedRuntime() {
	files, err := gosrc.RuntimeFiles("rt", gosrc.Header)
	require.NoError(m.t, err)
	for _, f := range files {
		m.write(f.Path, string(f.Data))
	}
}

func (m *module) generateShared(name string, p *plan.Package) {
	m.generateWith(p, gosrc.Options{Package: name, ImportPath: "gen/" + name, Version: "v0", Runtime: "gen/rt"})
}

// goTest runs tests, whose text is not vetted again: examples are vetted by other tests.
func (m *module) goTest(args ...string) ([]byte, error) {
	return m.command("go", append([]string{"test", "-count=1", "-vet=off", "-trimpath"}, args...)...).CombinedOutput()
}

// digests runs the tests of packages and reads what they leave, by package and kind of graph.
func (m *module) digests(isa string, args ...string) map[string]string {
	m.t.Helper()
	run := strings.Map(func(r rune) rune {
		if r == '/' {
			return '_'
		}
		return r
	}, isa+strings.Join(args, ""))
	m.env = []string{"MMC_ISA=" + isa, "RUN=" + run}
	text, err := m.goTest(args...)
	require.NoError(m.t, err, string(text))
	files, err := filepath.Glob(filepath.Join(m.dir, "*", "*."+run+".digest"))
	require.NoError(m.t, err)
	out := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(m.t, err)
		name, err := filepath.Rel(m.dir, strings.TrimSuffix(f, "."+run+".digest"))
		require.NoError(m.t, err)
		out[name] = string(text)
	}
	return out
}
