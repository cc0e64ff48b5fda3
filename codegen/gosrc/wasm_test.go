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

// TestWebAssembly runs LeNet in a WebAssembly machine, its weights in the binary, and gets what PyTorch computed.
func TestWebAssembly(t *testing.T) {
	c := golden.Open(t, "lenet5")
	inputs, err := c.Inputs()
	require.NoError(t, err)
	image, err := json.Marshal(map[string]any{"Data": must(inputs[0].Tensor.Values()), "Shape": inputs[0].Tensor.Shape})
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
	require.Len(t, c.Outputs(), 1)
	_, err = c.Compare(c.Outputs()[0].Name, got, golden.Direct)
	require.NoError(t, err)
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
		all = append(all, interop.Named{Name: w.Name, Tensor: w.Tensor})
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
