package law

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// house is the plan of the house: each package with the packages of this module, and of others, that it may import
// beside the standard library. A package may import only what stands above it, so that the list can be read from top
// to bottom. Tests may import more. Examples are programs of users and not part of it.
const house = `
	internal/diag       :
	ir/dim              :
	ir/dtype            :
	ir/loop             : ir/dim ir/dtype
	ir/loop/interp      : ir/dim ir/dtype ir/loop
	stdlib              :
	runtime             :
	.                   :
	ir                  : internal/diag ir/dim ir/dtype ir/loop
	ir/plan             : internal/diag ir/dim ir/dtype ir/loop ir
	ir/op               : ir/dim ir/dtype ir/loop ir
	ir/eval             : ir/dim ir/dtype runtime ir

	lang/syntax         : internal/diag github.com/alecthomas/participle/v2 github.com/alecthomas/participle/v2/lexer
	lang/check/core     : internal/diag ir/dim ir
	lang/check          : internal/diag ir/dim ir/dtype stdlib ir lang/syntax lang/check/core
	lang/lower          : internal/diag ir/dtype ir ir/op lang/check/core

	passes/rewrite      : ir
	passes/expand       : ir passes/rewrite
	passes/grad         : ir ir/op
	passes/simplify     : ir/dim ir/loop ir ir/op passes/rewrite
	passes/fuse         : ir/dim ir/dtype ir/loop ir ir/plan
	passes/hoist        : ir/dim ir passes/rewrite passes/fuse
	passes/layout       : internal/diag ir/dim ir/dtype ir/loop ir ir/plan ir/op
	passes/memplan      : ir/dim ir/loop ir/plan
	passes              : ir/dim ir/loop ir ir/plan passes/expand passes/rewrite passes/grad passes/simplify passes/fuse passes/hoist passes/layout passes/memplan

	codegen             : ir/plan
	codegen/emit        :
	codegen/vec         :
	codegen/vec/vectest : codegen/vec golang.org/x/sys/cpu
	codegen/kernel/internal/gemmrt :
	codegen/kernel      : ir/dim ir/dtype ir/loop ir/plan codegen/emit codegen/vec
	codegen/gosrc       : ir/dim ir/dtype ir/loop . runtime ir ir/plan codegen codegen/emit codegen/vec codegen/kernel

	interop/tensor      : runtime
	interop/internal/bulk : interop/tensor
	interop/idx         : runtime interop/tensor interop/internal/bulk
	interop/image       : interop/tensor 
	interop/npy         : runtime interop/tensor interop/internal/bulk
	interop/text        : interop/tensor
	interop/wav         : interop/tensor interop/internal/bulk
	interop/gorgonia    : runtime interop/tensor gorgonia.org/tensor
	interop             : runtime interop/tensor interop/internal/bulk interop/image interop/npy interop/text interop/wav

	internal/conform    : ir/dim ir/dtype ir ir/op ir/eval
	internal/planrun    : ir/dim ir/dtype ir/loop ir/loop/interp ir ir/plan
	internal/golden     : runtime interop/tensor interop/idx interop/npy
	internal/plancheck  : ir/dim ir/dtype ir ir/plan ir/op ir/eval passes/grad passes internal/conform internal/planrun
	internal/compiled   : runtime ir/plan codegen codegen/gosrc
	internal/parity     : ir/dtype ir ir/op ir/eval lang/check lang/lower passes passes/grad codegen/gosrc internal/compiled interop/tensor interop internal/golden
	internal/genvet     : golang.org/x/tools/go/analysis golang.org/x/tools/go/analysis/passes/asmdecl
	internal/law        :
	internal/docgen     : stdlib ir/dim ir ir/op lang/syntax

	cmd/mmc             : internal/diag ir/dim ir/dtype runtime ir ir/plan ir/op ir/eval lang/syntax lang/check/core lang/check lang/lower passes passes/grad codegen codegen/kernel codegen/vec codegen/gosrc interop/tensor interop internal/compiled stdlib github.com/alecthomas/kong github.com/schollz/progressbar/v3 golang.org/x/mod/modfile golang.org/x/mod/module
	bench               : 
	bench/parity        : internal/golden internal/parity
`

// plan parses house: the packages in order, and what each may import.
func plan(t *testing.T) (order []string, allowed map[string][]string) {
	allowed = map[string][]string{}
	for line := range strings.Lines(house) {
		name, rest, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		require.NotContains(t, allowed, name, "listed twice")
		order = append(order, name)
		allowed[name] = strings.Fields(rest)
	}
	return order, allowed
}

// imports collects what the packages of the module import outside of their tests; generated packages are left out.
func imports(t *testing.T) map[string][]string {
	out := map[string][]string{}
	for _, f := range goFiles(t) {
		if f.Generated {
			continue
		}
		list := out[f.Folder]
		if !f.Test {
			list = append(list, f.Imports(t)...)
		}
		slices.Sort(list)
		out[f.Folder] = slices.Compact(list)
	}
	return out
}

func TestPlanIsInOrder(t *testing.T) {
	order, allowed := plan(t)
	for i, name := range order {
		for _, imp := range allowed[name] {
			if at := slices.Index(order, imp); at >= i {
				t.Errorf("%s may import %s, which stands below it", name, imp)
			}
		}
	}
}

func TestImports(t *testing.T) {
	order, allowed := plan(t)
	found := imports(t)
	for folder, list := range found {
		if within(folder, "examples") {
			continue // see TestExamplesAreUserPrograms
		}
		if !slices.Contains(order, folder) {
			t.Errorf("%s is not in the plan of the house", folder)
			continue
		}
		for _, imp := range list {
			if !strings.HasPrefix(imp, std) && !slices.Contains(allowed[folder], imp) {
				t.Errorf("%s imports %s, which the plan of the house does not allow", folder, imp)
			}
		}
	}
	for _, name := range order {
		if _, ok := found[name]; !ok {
			t.Errorf("the plan of the house lists %s, which is gone", name)
		}
		for _, imp := range allowed[name] {
			if !slices.Contains(found[name], imp) {
				t.Errorf("the plan of the house lets %s import %s, which it does not need", name, imp)
			}
		}
	}
}

// reach lists what a package of the module imports, directly or through other packages of the module.
func reach(from string, imports map[string][]string) []string {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(p string) {
		for _, imp := range imports[p] {
			if !seen[imp] {
				seen[imp] = true
				visit(imp)
			}
		}
	}
	visit(from)
	var out []string
	for p := range seen {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func within(importPath, folder string) bool {
	return importPath == folder || strings.HasPrefix(importPath, folder+"/")
}

func TestRuntimeImportsOnlyTheStandardLibrary(t *testing.T) {
	heavy := []string{"encoding/json", "reflect", "fmt", "net/http"} // every generated program would pay for them
	for _, imp := range imports(t)["runtime"] {
		name, ok := strings.CutPrefix(imp, std)
		assert.True(t, ok, "runtime imports %s", imp)
		assert.NotContains(t, heavy, name)
	}
}

func TestTargetsKnowNeitherLanguageNorOperators(t *testing.T) {
	graph := imports(t)
	for folder := range graph {
		if !within(folder, "codegen") {
			continue
		}
		for _, imp := range reach(folder, graph) {
			assert.False(t, within(imp, "lang") || imp == "ir/op", "%s reaches %s", folder, imp)
		}
	}
}

func TestLanguageKnowsNeitherPassesNorTargets(t *testing.T) {
	graph := imports(t)
	for folder := range graph {
		if !within(folder, "lang") {
			continue
		}
		for _, imp := range reach(folder, graph) {
			assert.False(t, within(imp, "passes") || within(imp, "codegen"), "%s reaches %s", folder, imp)
		}
	}
}

func TestIRDoesNotReachOperators(t *testing.T) {
	graph := imports(t)
	for _, folder := range []string{"ir", "ir/dim", "ir/dtype", "ir/loop", "ir/plan", "ir/eval"} {
		assert.NotContains(t, reach(folder, graph), "ir/op", folder)
	}
}

// TestExamplesAreUserPrograms: an example imports its generated package and what serves to read and write files.
func TestExamplesAreUserPrograms(t *testing.T) {
	order, _ := plan(t)
	for folder, list := range imports(t) {
		if !within(folder, "examples") {
			continue
		}
		for _, imp := range list {
			ours := slices.Contains(order, imp)
			assert.True(t, !ours || within(imp, "interop") || imp == "runtime", "%s imports %s", folder, imp)
		}
	}
}

// TestCommandLinksNoTensorLibrary looks at everything that is linked into mmc, the dependencies' dependencies included.
func TestCommandLinksNoTensorLibrary(t *testing.T) {
	list, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps, Dir: root}, "./cmd/mmc", "./examples/...")
	require.NoError(t, err)
	count := 0
	packages.Visit(list, func(p *packages.Package) bool {
		count++
		for _, foreign := range []string{"gorgonia.org", "gonum.org", "mmc/interop/gorgonia"} {
			assert.False(t, strings.HasPrefix(p.PkgPath, foreign), "mmc links %s", p.PkgPath)
		}
		return true
	}, nil)
	assert.Greater(t, count, 50, "the list of dependencies is not complete")
}
