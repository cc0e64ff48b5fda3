package gosrc_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/passes"
	rt "mmc/runtime"
)

// net builds a model of one graph.
type net struct {
	*ir.Builder
	mod *ir.Module
	g   *ir.Graph
}

func newNet() *net {
	g := &ir.Graph{Name: "classify", Facts: new(dim.Facts)}
	return &net{ir.NewBuilder(g), &ir.Module{Name: "Net", File: "net.mm", Graphs: []*ir.Graph{g}}, g}
}

func (n *net) cell(name string, shape ...dim.Expr) *ir.Value {
	v := &ir.Value{Type: tensor(dtype.F32, shape...), Name: name}
	c := &ir.Cell{Name: name, Type: v.Type}
	n.mod.Cells = append(n.mod.Cells, c)
	n.g.Args = append(n.g.Args, &ir.Arg{Name: name, Role: ir.CellOf, Cell: c, Value: v})
	return v
}

// channels makes a vector of channels as large as an image.
func (n *net) channels(v, image *ir.Value) *ir.Value {
	one := dim.Int(1)
	column := n.Op(op.Reshape, ir.Attrs{"shape": []dim.Expr{v.Type.Shape[0], one, one}}, v)
	return n.Op(op.Broadcast, ir.Attrs{"shape": image.Type.Shape}, column)
}

func (n *net) conv(x *ir.Value, name string, out, kernel, stride, pad int64) *ir.Value {
	w := n.cell(name+".weight", dim.Int(out), x.Type.Shape[1], dim.Int(kernel), dim.Int(kernel))
	p := []dim.Expr{dim.Int(pad), dim.Int(pad)}
	y := n.Op(op.Conv, ir.Attrs{"stride": []int64{stride, stride}, "pad_low": p, "pad_high": p, "dilation": []int64{1, 1}}, x, w)
	return n.Op(op.Add, nil, y, n.channels(n.cell(name+".bias", dim.Int(out)), y))
}

func (n *net) constant(x float64, like *ir.Value) *ir.Value {
	c := n.Op(op.Const, ir.Attrs{"value": x, "dtype": dtype.F32})
	return n.Op(op.Broadcast, ir.Attrs{"shape": like.Type.Shape}, c)
}

func (n *net) relu(x *ir.Value) *ir.Value { return n.Op(op.Max, nil, x, n.constant(0, x)) }

func (n *net) silu(x *ir.Value) *ir.Value { return n.Op(op.Mul, nil, x, n.Op(op.Sigmoid, nil, x)) }

func (n *net) pool(x *ir.Value) *ir.Value {
	pad := []dim.Expr{dim.Int(1), dim.Int(1)}
	return n.Op(op.WindowMax, ir.Attrs{"kernel": []int64{3, 3}, "stride": []int64{2, 2}, "pad_low": pad, "pad_high": pad, "dilation": []int64{1, 1}}, x)
}

func (n *net) linear(x *ir.Value, name string, out int64) *ir.Value {
	y := n.Op(op.Dot, ir.Attrs{"spec": "n i, o i -> n o"}, x, n.cell(name+".weight", dim.Int(out), x.Type.Shape[1]))
	return n.Op(op.Add, nil, y, n.Op(op.Broadcast, ir.Attrs{"shape": y.Type.Shape}, n.cell(name+".bias", dim.Int(out))))
}

// residual is a small residual network with width channels and so many blocks.
func residual(width int64, blocks int, act func(*net, *ir.Value) *ir.Value) *net {
	n := newNet()
	x := &ir.Value{Type: tensor(dtype.F32, dim.Sym("N"), dim.Int(3), dim.Sym("H"), dim.Sym("W"))}
	n.g.Args = append(n.g.Args, &ir.Arg{Name: "image", Value: x})
	y := n.pool(act(n, n.conv(x, "stem", width, 7, 2, 3)))
	for b := range blocks {
		skip := y
		y = act(n, n.conv(y, fmt.Sprintf("block%d.a", b), width, 3, 1, 1))
		y = n.conv(y, fmt.Sprintf("block%d.b", b), width, 3, 1, 1)
		y = act(n, n.Op(op.Add, nil, y, skip))
	}
	y = act(n, n.conv(y, "down", 2*width, 1, 2, 0))
	n.g.Results = append(n.g.Results, &ir.Result{Name: "features", Value: y})
	n.g.Results = append(n.g.Results, &ir.Result{Name: "classes", Value: n.linear(n.Op(op.Sum, ir.Attrs{"axes": []int64{2, 3}}, y), "fc", 10)})
	n.g.Renumber()
	return n
}

// weights makes values for the cells, and the file that holds them.
func (n *net) weights(t *testing.T, path string) map[string]*ir.Tensor {
	rng := rand.New(rand.NewPCG(3, 4))
	out := map[string]*ir.Tensor{}
	var sources []rt.Source
	for _, c := range n.mod.Cells {
		x := randomTensor(c.Type, ir.Sample{Low: []float64{-0.25}, High: []float64{0.25}}, 0, rng)
		out[c.Name] = x
		data := make([]float32, len(x.Data))
		for i, v := range x.Data {
			data[i] = float32(v)
		}
		sources = append(sources, rt.SourceOf(c.Name, rt.Tensor[float32]{Data: data, Shape: x.Shape}))
	}
	require.NoError(t, rt.SaveSafeTensors(path, nil, sources))
	return out
}

// saved checks that a model whose weights were packed still writes them all.
func (n *net) saved(t *testing.T, path string, want map[string]*ir.Tensor) {
	file, err := rt.OpenSafeTensors(path)
	require.NoError(t, err)
	defer file.Close()
	require.Len(t, file.Entries(), len(want))
	for name, w := range want {
		got, err := rt.LoadTensor[float64](file, name)
		require.NoError(t, err)
		require.Equal(t, w.Data, got.Data)
	}
}

const networkMain = `package main

import (
	"context"
	"encoding/json"
	"os"

	"gen/network"
)

func main() {
	var shapes [][]int
	if err := json.Unmarshal([]byte(os.Args[1]), &shapes); err != nil {
		panic(err)
	}
	m, err := network.Load("weights.safetensors")
	if err != nil {
		panic(err)
	}
	if err := m.Save("saved.safetensors"); err != nil {
		panic(err)
	}
	s := m.NewSession(network.Options{Threads: 2})
	var out [][]float32
	for _, shape := range shapes {
		image := network.Tensor[float32]{Shape: shape, Data: make([]float32, shape[0]*shape[1]*shape[2]*shape[3])}
		for i := range image.Data {
			image.Data[i] = float32(i%17)/8 - 1
		}
		y, err := s.Classify(context.Background(), image)
		if err != nil {
			panic(err)
		}
		out = append(out, y.Features.Clone().Data, y.Classes.Clone().Data)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
`

// TestNetwork runs one build of a convolutional network at several sizes, each against the evaluator.
func TestNetwork(t *testing.T) {
	n := residual(8, 2, (*net).relu)
	m := newModule(t)
	cells := n.weights(t, filepath.Join(m.dir, "weights.safetensors"))
	shapes := [][]int{{1, 3, 16, 16}, {3, 3, 33, 20}, {2, 3, 7, 50}, {1, 3, 16, 16}}
	var want []*ir.Tensor
	for _, s := range shapes {
		image := &ir.Tensor{DType: dtype.F32, Shape: s, Data: make([]float64, s[0]*s[1]*s[2]*s[3])}
		for i := range image.Data {
			image.Data[i] = float64(i%17)/8 - 1
		}
		got, err := eval.Run(n.g, eval.Inputs{Args: map[string]*ir.Tensor{"image": image}, Cells: cells})
		require.NoError(t, err)
		want = append(want, got.Values["features"], got.Values["classes"])
	}
	pkg, err := passes.Plan(n.mod, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	m.generate("network", pkg)
	m.write("main.go", networkMain)
	m.vet()
	list, err := json.Marshal(shapes)
	require.NoError(t, err)
	for _, isa := range isas(t) {
		t.Run(isa, func(t *testing.T) {
			m.env = []string{"MMC_ISA=" + isa}
			var got [][]any
			require.NoError(t, json.Unmarshal(m.run(string(list)), &got))
			require.Len(t, got, len(want))
			n.saved(t, filepath.Join(m.dir, "saved.safetensors"), cells)
			for i := range want {
				compare(t, fmt.Sprint(shapes[i/2], " ", i%2), want[i], got[i], 4)
			}
		})
	}
}

// TestKernelsFollowTheModel builds a network with one activation, with another, and with more layers: the activation changes
// the kernels' text but not their number, layers change neither.
func TestKernelsFollowTheModel(t *testing.T) {
	kernels := func(n *net) (text string, count int) {
		pkg, err := passes.Plan(n.mod, passes.Options{})
		require.NoError(t, err)
		for _, f := range newModule(t).generate("network", pkg) {
			switch {
			case strings.HasSuffix(f.Path, "_amd64.s"):
				text += string(f.Data)
			case strings.HasPrefix(f.Path, "kernels_"):
				count += kernelTypes(string(f.Data))
			}
		}
		return text, count
	}
	relu, n := kernels(residual(8, 2, (*net).relu))
	silu, m := kernels(residual(8, 2, (*net).silu))
	deep, k := kernels(residual(8, 9, (*net).relu))
	require.Equal(t, n, m)
	require.NotEqual(t, relu, silu)
	require.Equal(t, n, k)
	require.Equal(t, relu, deep)
}
