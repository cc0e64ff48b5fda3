package main

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/interop"
	"mmc/interop/tensor"
)

// goTool runs the go command in the current folder, without the network.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "CGO_ENABLED=0")
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), text)
	return string(text)
}

const program = `package main

import (
	"context"
	"fmt"

	"IMPORT"
)

func main() {
	model, err := lin.New(lin.Init(1))
	if err != nil {
		panic(err)
	}
	y, err := model.NewSession(lin.Options{}).F(context.Background(), lin.Tensor[float32]{Shape: []int{1, 4}, Data: []float32{1, 2, 3, 4}}, lin.FArgs{})
	fmt.Println(y, err)
}
`

// From an empty folder to a program that uses the model, inside a module and, by way of a go.mod of the package's own,
// beside one. The program prints what mmc run prints.
func TestFreshFolder(t *testing.T) {
	inFolder(t)
	array(t, "x.npy", []float32{1, 2, 3, 4}, 1, 4)
	want := strings.TrimSpace(strings.TrimPrefix(well(t, "run", "lin.mm", "--graph", "f", "--seed", "1", "--input", "x=x.npy"), "output: "))
	well(t, "check", "lin.mm")
	well(t, "fmt", "--check", "lin.mm")
	well(t, "stats", "lin.mm")

	well(t, "build", "lin.mm", "-o", "lin")
	mod, err := os.ReadFile("lin/go.mod")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(mod), "module lin\n"), string(mod))
	require.NoError(t, os.Mkdir("beside", 0o777))
	put(t, "beside/go.mod", "module beside\n\ngo 1.26\n\nrequire lin v0.0.0\n\nreplace lin => ../lin\n")
	put(t, "beside/main.go", strings.ReplaceAll(program, "IMPORT", "lin"))
	assert.Equal(t, want+" <nil>\n", goTool(t, "run", "-C", "beside", "."))

	require.NoError(t, os.Mkdir("app", 0o777))
	put(t, "app/go.mod", "module example.com/app\n\ngo 1.26\n")
	well(t, "build", "lin.mm", "-o", "app/nets/lin")
	assert.NoFileExists(t, "app/nets/lin/go.mod")
	put(t, "app/main.go", strings.ReplaceAll(program, "IMPORT", "example.com/app/nets/lin"))
	goTool(t, "vet", "-C", "app", "./...")
	assert.Equal(t, want+" <nil>\n", goTool(t, "run", "-C", "app", "."))
}

// tree is every file below a folder with its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[rel] = string(text)
		return err
	}))
	return out
}

func TestBuildIsDeterministic(t *testing.T) {
	inFolder(t)
	require.NoError(t, os.MkdirAll("other/place", 0o777))
	put(t, "other/lin.mm", linear)
	well(t, "build", "lin.mm", "-o", "lin")
	well(t, "build", "other/lin.mm", "-o", "other/place/lin")
	assert.Equal(t, tree(t, "lin"), tree(t, "other/place/lin"))
}

// A build touches nothing that mmc did not make, and is all there or not at all.
func TestBuildRespectsFiles(t *testing.T) {
	inFolder(t)
	require.NoError(t, os.MkdirAll("mine", 0o777))
	put(t, "mine/cells.go", "package mine\n")
	before := tree(t, "mine")
	o := mmc(t, "build", "lin.mm", "-o", "mine")
	assert.Equal(t, exitUser, o.code)
	assert.Contains(t, o.err, filepath.Join("mine", "cells.go")+" was not made by mmc")
	assert.Equal(t, before, tree(t, "mine"))

	require.NoError(t, os.Rename("mine/cells.go", "mine/main.go"))
	put(t, "mine/main.go", "package main\n")
	before = tree(t, "mine")
	o = mmc(t, "build", "lin.mm", "-o", "mine")
	assert.Contains(t, o.err, "package main")
	assert.Equal(t, before, tree(t, "mine"))

	well(t, "build", "lin.mm", "-o", "pkg")
	put(t, "pkg/mine_test.go", "package pkg\n")
	put(t, "pkg/notes.txt", "mine")
	whole := tree(t, "pkg")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, exitUser, mmcUnder(ctx, "build", "lin.mm", "-o", "pkg", "--set", "out=5").code)
	assert.Equal(t, whole, tree(t, "pkg"))
	assert.Equal(t, []string{"lin.mm", "mine", "pkg"}, listing(t))

	put(t, "small.mm", "model Lin { graph f(x: [N, 4]) -> [N, 4] { relu(x) } }\n")
	well(t, "build", "small.mm", "-o", "pkg")
	assert.NoFileExists(t, "pkg/trainer.go", "what the new package lacks is removed")
	assert.FileExists(t, "pkg/mine_test.go")
	assert.FileExists(t, "pkg/notes.txt")
}

// Weights that were built in are in the package, under the header that says so, and leave with it.
func TestEmbed(t *testing.T) {
	inFolder(t)
	array(t, "x.npy", []float32{1, 2, 3, 4}, 1, 4)
	put(t, "go.mod", "module app\n\ngo 1.26\n")
	superres := filepath.Join(root(t), "examples", "superres")
	well(t, "build", filepath.Join(superres, "superres.mm"), "-o", "net", "--embed", filepath.Join(superres, "superres.safetensors"))
	put(t, "main.go", "package main\n\nimport (\n\t\"fmt\"\n\n\t\"app/net\"\n)\n\nfunc main() {\n\tm, err := net.Embedded()\n\tfmt.Println(m != nil, err)\n}\n")
	assert.Equal(t, "true <nil>\n", goTool(t, "run", "."))
	well(t, "check", "net", "--source", filepath.Join(superres, "superres.mm"))
	well(t, "build", filepath.Join(superres, "superres.mm"), "-o", "net")
	assert.NoFileExists(t, "net/"+embedded)
	put(t, "net/"+embedded, "mine")
	o := mmc(t, "build", filepath.Join(superres, "superres.mm"), "-o", "net", "--embed", filepath.Join(superres, "superres.safetensors"))
	assert.Equal(t, exitUser, o.code)
	assert.Contains(t, o.err, embedded+" was not made by mmc")
}

// loader is a program that loads weights as they are and again without what is superfluous.
const loader = `package main

import (
	"fmt"

	"app/lin"
)

func main() {
	_, err := lin.Load("more.safetensors")
	fmt.Println(err)
	m, err := lin.New(lin.File("more.safetensors").IgnoreExtra())
	fmt.Println(m != nil, err)
	t, err := lin.NewTrainer(lin.File("more.safetensors").IgnoreExtra(), lin.TrainOptions{})
	fmt.Println(t != nil, err)
	m, err = lin.New(lin.Init(1).IgnoreExtra())
	fmt.Println(m != nil, err)
}
`

// Tensors that the model does not know are an error for mmc run, for mmc build --embed and for programs, unless they are asked
// to ignore them or the model declares another name.
func TestExtraWeights(t *testing.T) {
	inFolder(t)
	array(t, "x.npy", []float32{1, 2, 3, 4}, 1, 4)
	more := map[string]int{"fc.weight": 12, "fc.bias": 3, "old.bias": 3}
	var list []interop.Named
	for _, name := range sortedKeys(more) {
		shape := []int{3, 4}[:max(1, more[name]/6)]
		x, err := tensor.Of(shape, make([]float32, more[name]))
		require.NoError(t, err)
		list = append(list, interop.Named{Name: name, Tensor: x})
	}
	require.NoError(t, interop.WriteTensors("more.safetensors", list))
	const fault = "superfluous old.bias: f32[3]"
	run := []string{"run", "lin.mm", "--graph", "f", "--input", "x=x.npy", "--weights", "more.safetensors"}
	for _, how := range []string{"--threads=1", "--eval"} {
		o := mmc(t, append(run, how)...)
		assert.Equal(t, exitUser, o.code)
		assert.Contains(t, o.err, fault)
		assert.Contains(t, o.err, "--ignore-extra")
		assert.Regexp(t, `^output: f..\[1, 3\] 0 0 0\n$`, well(t, append(run, how, "--ignore-extra")...))
	}
	put(t, "go.mod", "module app\n\ngo 1.26\n")
	o := mmc(t, "build", "lin.mm", "-o", "lin", "--embed", "more.safetensors")
	assert.Equal(t, exitUser, o.code)
	assert.Contains(t, o.err, fault)
	assert.NoDirExists(t, "lin")
	well(t, "build", "lin.mm", "-o", "lin", "--embed", "more.safetensors", "--ignore-extra")
	assert.Contains(t, well(t, "check", "lin"), "up to date")
	put(t, "main.go", strings.Replace(loader, "_, err := lin.Load", "_, err := lin.Embedded()\n\tfmt.Println(err)\n\t_, err = lin.Load", 1))
	out := strings.SplitN(goTool(t, "run", "."), "\n", 2)
	assert.Equal(t, "<nil>", out[0])
	assert.Contains(t, out[1], fault)
	assert.True(t, strings.HasSuffix(out[1], "\ntrue <nil>\ntrue <nil>\ntrue <nil>\n"), out[1])

	put(t, "lin.mm", strings.Replace(linear, "  train", "  alias old.bias = fc.bias\n  train", 1))
	well(t, run...)
}

func TestStale(t *testing.T) {
	inFolder(t)
	well(t, "build", "lin.mm", "-o", "nets/lin", "--set", "out = 2 + 2", "--package", "four")
	assert.Equal(t, filepath.Join("nets", "lin")+": up to date\n", well(t, "check", "nets/lin"))
	stale := func(why string, args ...string) {
		t.Helper()
		o := mmc(t, append([]string{"check", "nets/lin"}, args...)...)
		assert.Equal(t, exitUser, o.code)
		assert.Contains(t, o.err, why)
	}
	put(t, "lin.mm", strings.ReplaceAll(linear, "lr: 0.1", "lr: 0.2"))
	stale("lin.mm, or what it imports, has changed since")
	put(t, "lin.mm", linear)
	well(t, "check", "nets/lin")

	text, err := os.ReadFile("nets/lin/cells.go")
	require.NoError(t, err)
	put(t, "nets/lin/cells.go", string(text)+"// edited\n")
	stale("cells.go is not what mmc makes of lin.mm")
	require.NoError(t, os.Remove("nets/lin/cells.go"))
	stale("it lacks cells.go")
	put(t, "nets/lin/cells.go", strings.Replace(string(text), "mmc "+version(), "mmc 0.0", 1))
	stale("it was generated by mmc 0.0")
	put(t, "nets/lin/cells.go", string(text))
	put(t, "nets/lin/graph_old.go", string(text))
	stale("graph_old.go is no part of it any more")
	require.NoError(t, os.Remove("nets/lin/graph_old.go"))

	require.NoError(t, os.Mkdir("models", 0o777))
	require.NoError(t, os.Rename("lin.mm", "models/lin.mm"))
	stale("its source lin.mm is neither in the folder nor in the two above it")
	well(t, "check", "nets/lin", "--source", "models/lin.mm")
	assert.Empty(t, well(t, "check", "--json", "nets/lin", "--source", "models/lin.mm"))
}

const pair = `package main

import (
	"context"
	"fmt"

	"app/nets/double"
	"app/nets/lin"
)

func main() {
	first, err := lin.New(lin.Init(1))
	if err != nil {
		panic(err)
	}
	second, err := double.New(double.Init(1))
	if err != nil {
		panic(err)
	}
	x := lin.Tensor[float32]{Shape: []int{1, 4}, Data: []float32{1, 2, 3, 4}}
	y, err := first.NewSession(lin.Options{}).F(context.Background(), x, lin.FArgs{})
	if err != nil {
		panic(err)
	}
	one := append([]float32{}, y.Data...)
	z, err := second.NewSession(double.Options{}).Twice(context.Background(), y) // a tensor of one is a tensor of the other
	fmt.Println(z.Data[0] == 2*one[0], z.Data[2] == 2*one[2], err)
}
`

// Several files become one tree: a package each, one runtime, and values that go from one package to the other.
func TestBuildTree(t *testing.T) {
	inFolder(t)
	put(t, "go.mod", "module app\n\ngo 1.26\n")
	put(t, "Double.mm", "model Twice { graph twice(x: [N, 3]) -> [N, 3] { 2 * x } }\n")
	assert.Regexp(t, `^nets: 2 packages, \d+ files\n$`, well(t, "build", "lin.mm", "Double.mm", "-o", "nets"))
	runtimes := 0
	for name := range tree(t, "nets") {
		if filepath.Base(name) == "weights.go" {
			runtimes++
		}
	}
	assert.Equal(t, 1, runtimes, "one copy of the runtime")
	put(t, "main.go", pair)
	goTool(t, "vet", "./...")
	assert.Equal(t, "true true <nil>\n", goTool(t, "run", "."))

	whole := tree(t, "nets")
	well(t, "build", "lin.mm", "Double.mm", "-o", "nets")
	assert.Equal(t, whole, tree(t, "nets"))
	for _, dir := range []string{"nets", "nets/lin", "nets/double"} {
		assert.Contains(t, well(t, "check", dir), "up to date", dir)
	}
	put(t, "Double.mm", "model Twice { graph twice(x: [N, 3]) -> [N, 3] { 3 * x } }\n")
	for _, dir := range []string{"nets", "nets/lin", "nets/double"} {
		o := mmc(t, "check", dir)
		assert.Equal(t, exitUser, o.code, dir)
		assert.Contains(t, o.err, "nets is stale", dir)
	}

	// A package that is no part of the tree any more goes; what mmc did not make stays, and so does a package built by itself.
	put(t, "nets/double/mine.txt", "mine")
	well(t, "build", "lin.mm", "-o", "nets/alone")
	put(t, "two.mm", "model A { graph f(x: [N]) -> [N] { x } }\nmodel B { graph f(x: [N]) -> [N] { -x } }\n")
	well(t, "build", "lin.mm", "two.mm", "--model", "B", "--model", "A", "-o", "nets")
	names := map[string]bool{}
	for name := range tree(t, "nets") {
		names[strings.Split(filepath.ToSlash(name), "/")[0]] = true
	}
	assert.Equal(t, map[string]bool{"lin": true, "a": true, "b": true, "alone": true, "double": true, "internal": true}, names)
	assert.Equal(t, map[string]string{"mine.txt": "mine"}, tree(t, "nets/double"))
	goTool(t, "vet", "./nets/...")
	well(t, "build", "lin.mm", "-o", "nets/lin") // a package alone in the place of one of a tree
	assert.DirExists(t, "nets/lin/internal/rt")
	well(t, "build", "lin.mm", "two.mm", "--model", "B", "-o", "nets")
	assert.NoDirExists(t, "nets/lin/internal")
	goTool(t, "vet", "./nets/...")
	for _, m := range []mistake{
		{"build lin.mm two.mm -o nets", exitUsage, []string{"two.mm holds several models", "--model", "A, B"}},
		{"build lin.mm two.mm --model C -o nets", exitUsage, []string{"several models"}},
		{"build lin.mm two.mm --model A --model Linn -o nets", exitUsage, []string{"no file holds a model Linn (did you mean Lin?)"}},
		{"build lin.mm ./lin.mm -o nets", exitUsage, []string{"lin.mm and lin.mm", "package lin"}},
		{"build lin.mm Double.mm -o nets --package x", exitUsage, []string{"--package", "several"}},
		{"build lin.mm Double.mm -o nets --embed x", exitUsage, []string{"--embed", "several"}},
		{"build lin.mm none.mm -o nets", exitUser, []string{"none.mm", "no such file"}},
		{"build lin.mm -o nets --import ../x", exitUsage, []string{"--import"}},
	} {
		before := tree(t, "nets")
		o := mmc(t, strings.Fields(m.args)...)
		assert.Equal(t, m.code, o.code, "mmc %s: %s", m.args, o.err)
		for _, part := range m.says {
			assert.Contains(t, o.err, part, "mmc %s", m.args)
		}
		assert.Equal(t, before, tree(t, "nets"), m.args)
	}
}

// Outside of any module the tree gets one go.mod, for all.
func TestBuildTreeAlone(t *testing.T) {
	inFolder(t)
	put(t, "other.mm", "model Twice { graph twice(x: [N, 3]) -> [N, 3] { 2 * x } }\n")
	well(t, "build", "lin.mm", "other.mm", "-o", "nets")
	assert.NoFileExists(t, "nets/lin/go.mod")
	goTool(t, "vet", "-C", "nets", "./...")
	assert.Contains(t, well(t, "check", "nets"), "up to date")
}

func TestPackageNames(t *testing.T) {
	for folder, name := range map[string]string{
		"unet": "unet", "U-Net": "unet", "3d": "model3d", "func": "modelfunc", "main": "modelmain", "": "model", "my_net": "my_net", "ü": "model",
	} {
		assert.Equal(t, name, packageName(folder), folder)
	}
}

func TestWordsOfAHeader(t *testing.T) {
	words := []string{"lin.mm", "--set=" + "a=[1, 2]", "--set=b=\"x\"", "--model=M"}
	var line []string
	for _, w := range words {
		name, value, _ := strings.Cut(w, "--set=")
		if value != "" {
			name = "--set=" + quoted(value)
		}
		line = append(line, name)
	}
	var got []string
	for rest := strings.Join(line, " "); rest != ""; {
		word, more, err := nextWord(rest)
		require.NoError(t, err)
		got, rest = append(got, word), more
	}
	assert.Equal(t, words, got)
}
