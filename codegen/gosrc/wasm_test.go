package gosrc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"mmc/codegen/gosrc"
	"mmc/internal/golden"
	"mmc/internal/parity"
	"mmc/interop"
	files "mmc/interop/tensor"
)

const webMain = `package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"

	"gen/lenet5"
)

//go:embed image.json
var text []byte

func main() {
	var image lenet5.Tensor[float32]
	if err := json.Unmarshal(text, &image); err != nil {
		panic(err)
	}
	m, err := lenet5.Embedded()
	if err != nil {
		panic(err)
	}
	y, err := m.NewSession(lenet5.Options{}).Classify(context.Background(), image)
	if err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(y); err != nil {
		panic(err)
	}
}
`

// TestWebAssembly runs LeNet in a WebAssembly machine, its weights in the binary, and gets what the evaluator computes, and what
// PyTorch did where its pictures are at hand.
func TestWebAssembly(t *testing.T) {
	c := golden.Open(t, "lenet5")
	picture, ofCase := lenetInput(t, c)
	image, err := json.Marshal(map[string]any{"Data": must(picture.Values()), "Shape": picture.Shape})
	require.NoError(t, err)
	m := newModule(t)
	m.write("image.json", string(image))
	m.write("main.go", webMain)
	m.generateWith(planned(t, examples["lenet5"]), gosrc.Options{Package: "lenet5", ImportPath: "gen/lenet5", Version: "v0", Weights: weightFile(t, c)})
	m.env = []string{"GOOS=wasip1", "GOARCH=wasm"}
	out, err := m.command("go", "build", "-trimpath", "-o", "main.wasm", ".").CombinedOutput()
	require.NoError(t, err, string(out))

	var logits struct {
		Data  []float32
		Shape []int
	}
	require.NoError(t, json.Unmarshal(runWASI(t, filepath.Join(m.dir, "main.wasm")), &logits))
	got, err := files.Of(logits.Shape, logits.Data)
	require.NoError(t, err)
	p := examples["lenet5"]
	p.Weights, p.Calls = must(c.WeightMap()), []parity.Call{{Graph: "classify", Inputs: parity.Tensors{"image": picture}}}
	evaluated, err := parity.Reference{}.Run(p)
	require.NoError(t, err)
	require.Len(t, evaluated.Results[0], 1)
	for _, want := range evaluated.Results[0] {
		require.Equal(t, want.Shape, got.Shape)
		require.InDeltaSlice(t, must(want.Values()), must(got.Values()), 1e-5)
	}
	if ofCase {
		require.Len(t, c.Outputs(), 1)
		_, err = c.Compare(c.Outputs()[0].Name, got, golden.Direct)
		require.NoError(t, err)
	}
}

// lenetInput is the input of the case, whose digits may be absent: then some other pictures.
func lenetInput(t *testing.T, c *golden.Case) (x *files.Tensor, ofCase bool) {
	t.Helper()
	inputs, err := c.Inputs()
	if err == nil {
		return inputs[0].Tensor, true
	}
	require.ErrorIs(t, err, golden.ErrAbsent)
	data := make([]float32, 2*28*28)
	for i := range data {
		data[i] = float32(i%23)/11 - 1
	}
	x, err = files.Of([]int{2, 1, 28, 28}, data)
	require.NoError(t, err)
	return x, false
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// weightFile is the weights of a case as a file.
func weightFile(t *testing.T, c *golden.Case) []byte {
	t.Helper()
	weights, err := c.Weights()
	require.NoError(t, err)
	var all []interop.Named
	for _, w := range weights {
		all = append(all, interop.Named(w))
	}
	file := filepath.Join(t.TempDir(), "weights.safetensors")
	require.NoError(t, interop.WriteTensors(file, all))
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return data
}

// runWASI runs a program and gives what it prints.
func runWASI(t *testing.T, file string) []byte {
	t.Helper()
	binary, err := os.ReadFile(file)
	require.NoError(t, err)
	ctx := context.Background()
	machine := wazero.NewRuntime(ctx)
	defer machine.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, machine)
	var printed bytes.Buffer
	config := wazero.NewModuleConfig().WithStdout(&printed).WithStderr(os.Stderr).WithSysWalltime().WithSysNanotime()
	_, err = machine.InstantiateWithConfig(ctx, binary, config)
	var exit *sys.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 0 {
		require.NoError(t, err)
	}
	return printed.Bytes()
}
