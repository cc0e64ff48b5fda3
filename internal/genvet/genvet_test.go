package genvet_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/passes/asmdecl"
	"golang.org/x/tools/go/packages"

	"mmc/codegen/gosrc"
	"mmc/internal/genvet"
	"mmc/internal/parity"
	"mmc/ir"
	"mmc/passes"
)

// tree is a temporary module of generated packages, which share one runtime.
type tree struct {
	t   *testing.T
	dir string
}

func newTree(t *testing.T) *tree {
	tr := &tree{t, t.TempDir()}
	tr.write("go.mod", "module gen\n\ngo 1.26\n")
	files, err := gosrc.RuntimeFiles("rt", gosrc.Header)
	require.NoError(t, err)
	for _, f := range files {
		tr.write(f.Path, string(f.Data))
	}
	return tr
}

func (tr *tree) write(name, text string) {
	name = filepath.Join(tr.dir, filepath.FromSlash(name))
	require.NoError(tr.t, os.MkdirAll(filepath.Dir(name), 0o777))
	require.NoError(tr.t, os.WriteFile(name, []byte(text), 0o666))
}

// generate puts the package of a model into a folder; change may spoil its files by name.
func (tr *tree) generate(folder string, p parity.Program, change func(files map[string]string)) {
	m, err := parity.Build(p)
	require.NoError(tr.t, err)
	pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
	require.NoError(tr.t, err)
	target := gosrc.Target{Options: gosrc.Options{Package: folder, ImportPath: "gen/" + folder, Runtime: "gen/rt", Version: "test"}}
	list, err := target.Generate(pkg)
	require.NoError(tr.t, err)
	files := map[string]string{}
	for _, f := range list {
		files[f.Path] = string(f.Data)
	}
	change(files)
	for name, text := range files {
		tr.write(folder+"/"+name, text)
	}
}

// vet runs the analyzer on all packages of the tree and returns what it says, by package.
func (tr *tree) vet() map[string][]string {
	list, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: tr.dir}, "./...")
	require.NoError(tr.t, err)
	require.Zero(tr.t, packages.PrintErrors(list))
	graph, err := checker.Analyze([]*analysis.Analyzer{genvet.Analyzer, asmdecl.Analyzer}, list, nil)
	require.NoError(tr.t, err)
	out := map[string][]string{}
	for _, a := range graph.Roots {
		require.NoError(tr.t, a.Err)
		for _, d := range a.Diagnostics {
			at := a.Package.Fset.Position(d.Pos)
			out[a.Package.Name] = append(out[a.Package.Name], fmt.Sprintf("%s:%d: %s", filepath.Base(at.Filename), at.Line, d.Message))
		}
	}
	return out
}

func unchanged(map[string]string) {}

func example(name, model string) parity.Program {
	return parity.Program{File: "examples/" + name + "/" + name + ".mm", Model: model}
}

// The packages of examples are as generated packages shall be, and the go command finds nothing but the standard library below them.
func TestExamples(t *testing.T) {
	tr := newTree(t)
	for _, name := range []string{"lenet5", "superres"} {
		tr.generate(name, example(name, ""), unchanged)
	}
	assert.Empty(t, tr.vet())
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./lenet5")
	cmd.Dir = tr.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	text, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, []string{"gen/rt", "gen/lenet5"}, strings.Fields(string(text)))
}

// spoils are ways to spoil a package, with what the analyzer says then.
var spoils = map[string]struct {
	spoil func(files map[string]string)
	says  string
}{
	"foreign": {replace("graph_double.go", `import \(`, "import (\n\t_ \"example.com/other\"\n"), "example.com/other is neither"},
	"heavy":   {replace("graph_double.go", `import \(`, "import (\n\t_ \"fmt\"\n"), "fmt makes every program larger"},
	"bare":    {replace("graph_double.go", genvet.Header, "// Written"), "does not begin with"},
	"bares":   {replace("kernels*_amd64.s", genvet.Header, "// Written"), "does not begin with"},
	"silent":  {replace("*.go", `computes add \(.*\)`, "computes"), "does not say which line"},
	"idle":    {replace("graph_double.go", `g\.k\.map1 = map1\{(?s:.*?)\n\t\}\n`, "_ = d\n"), "no step runs kernel map1"},
	"unused":  {replace("graph_double.go", `\z`, "\nfunc helper() {}\n"), "helper is not used"},
	"itself":  {replace("graph_double.go", `\z`, "\nfunc again() { again() }\n"), "again is not used"},
	"orphan":  {replace("kernels*_amd64.s", `\z`, "\nTEXT ·lost(SB), NOSPLIT, $0-0\n\tRET\n"), "function lost missing Go declaration"},
	"idleasm": {replace("kernels*_amd64.go", `map1Rows = map1_avx512`, ""), "map1_avx512 is not used"},
	"frame":   {replace("kernels*_amd64.s", `y0_base\+\d+\(FP\)`, "y0_base+8(FP)"), "invalid offset y0_base"},
}

// replace replaces the first match of a pattern in the files that a name stands for.
func replace(name, pattern, by string) func(map[string]string) {
	return func(files map[string]string) {
		re := regexp.MustCompile(pattern)
		for f, text := range files {
			if ok, _ := filepath.Match(name, f); !ok {
				continue
			}
			if at := re.FindStringIndex(text); at != nil {
				files[f] = text[:at[0]] + by + text[at[1]:]
				return
			}
		}
		panic("nothing to spoil: " + pattern)
	}
}

// Every spoiled package is found, and says nothing else.
func TestSpoiled(t *testing.T) {
	tr := newTree(t)
	tr.write("go.mod", "module gen\n\ngo 1.26\n\nrequire example.com/other v1.0.0\n\nreplace example.com/other => ./other\n")
	tr.write("other/go.mod", "module example.com/other\n\ngo 1.26\n")
	tr.write("other/other.go", "package other\n")
	double := parity.Program{File: "internal/genvet/testdata/double.mm"}
	for name, s := range spoils {
		tr.generate(name, double, s.spoil)
	}
	tr.generate("whole", double, unchanged)
	got := tr.vet()
	for name, s := range spoils {
		if assert.Len(t, got[name], 1, name) {
			assert.Contains(t, got[name][0], s.says, name)
		}
		delete(got, name)
	}
	assert.Empty(t, got)
}
