package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// callFlags say how a graph is called.
type callFlags struct {
	Graph       string      `help:"The graph, where the model has several and the names of --input and --output do not tell." placeholder:"NAME"`
	Weights     string      `help:"The weights. Without this and --seed, NAME.safetensors beside NAME.mm." placeholder:"F.safetensors" type:"path"`
	Seed        *uint64     `help:"Draw the weights, unless --weights gives them, and all other random numbers from this seed." placeholder:"N"`
	Input       assignments `help:"An argument: a file (.npy .npz .safetensors .png .jpg .wav .txt), or a number for a scalar." placeholder:"NAME=FILE"`
	Dim         sizes       `help:"A size that no argument tells: --dim N=8." placeholder:"NAME=SIZE"`
	IgnoreExtra bool        `help:"The weights may hold tensors that the model does not know."`
	Threads     int         `help:"Threads; 0 means all." default:"0"`
}

// call is a graph with what it is to be called with.
type call struct {
	graph  *ir.Graph
	inputs []interop.Named
}

// chooseGraph returns the graph to call: the named one, or the only one for inference, or the only one of these that has
// the arguments and results that were named.
func (c *callFlags) chooseGraph(m *ir.Module, outputs map[string]string) (*ir.Graph, error) {
	if c.Threads < 0 {
		return nil, misuse("--threads=%d: their number is 0, which means all, or more", c.Threads)
	}
	var names []string
	var inference, fitting []*ir.Graph
	for _, g := range m.Graphs {
		if g.Name == c.Graph {
			return g, c.checkNames(g, outputs)
		}
		names = append(names, g.Name)
		if !g.Train {
			inference = append(inference, g)
			if c.checkNames(g, outputs) == nil {
				fitting = append(fitting, g)
			}
		}
	}
	named := len(c.Input)+len(outputs) > 0
	switch {
	case c.Graph != "":
		return nil, misuse("model %s has no graph %s%s; it has\n%s", m.Name, c.Graph, suggestion(c.Graph, names), signatures(m))
	case len(inference) == 1:
		return inference[0], c.checkNames(inference[0], outputs)
	case named && len(fitting) == 1:
		return fitting[0], nil
	case named && len(fitting) == 0 && len(inference) > 0:
		return nil, misuse("no graph has these arguments and results%s; model %s has\n%s", c.nearest(inference, outputs), m.Name, signatures(m))
	}
	return nil, misuse("choose a graph with --graph; model %s has\n%s", m.Name, signatures(m))
}

// names are the names of one kind that the command line uses, with those that a graph has.
type names struct {
	flag       string
	used, have []string
}

func (c *callFlags) names(g *ir.Graph, outputs map[string]string) []names {
	return []names{
		{"--input", sortedKeys(c.Input), argNames(g)},
		{"--output", sortedKeys(outputs), resultNames(g)},
		{"--dim", sortedKeys(c.Dim), sizeNames(g)},
	}
}

// nearest finds a name that no graph has, with one that was meant: "" where each name is that of some graph.
func (c *callFlags) nearest(graphs []*ir.Graph, outputs map[string]string) string {
	all := c.names(graphs[0], outputs)
	for _, g := range graphs[1:] {
		for i, kind := range c.names(g, outputs) {
			all[i].have = append(all[i].have, kind.have...)
		}
	}
	for _, kind := range all {
		slices.Sort(kind.have)
		for _, name := range kind.used {
			if !slices.Contains(kind.have, name) {
				return fmt.Sprintf(": none has %s %s%s", kind.flag, name, suggestion(name, kind.have))
			}
		}
	}
	return ""
}

// checkNames finds names of arguments, results and sizes that the graph does not have, before any work.
func (c *callFlags) checkNames(g *ir.Graph, outputs map[string]string) error {
	for _, kind := range c.names(g, outputs) {
		for _, name := range kind.used {
			if !slices.Contains(kind.have, name) {
				return misuse("%s %s: there is no such name%s in\n  %s", kind.flag, name, suggestion(name, kind.have), signature(g))
			}
		}
	}
	return checkSizes(g, c.Dim)
}

// checkSizes asks that sizes lie in their bounds and fulfil the facts that they decide.
func checkSizes(g *ir.Graph, given map[string]int64) error {
	known := sizeNames(g)
	for _, name := range sortedKeys(given) {
		if n, least := given[name], least(g, name); slices.Contains(known, name) && (n < least || n > math.MaxInt32) {
			return misuse("--dim %s=%d: the size is at least %d and at most %d", name, n, least, math.MaxInt32)
		}
	}
	for _, fact := range g.Facts.Conditions() {
		holds, err := fact.Holds(func(name string) (int64, bool) { n, ok := given[name]; return n, ok })
		if err == nil && !holds {
			return misuse("--dim: the sizes do not satisfy `where %s` of\n  %s", fact, signature(g))
		}
	}
	return nil
}

// least is the smallest value of a size: 1 unless the graph says otherwise.
func least(g *ir.Graph, size string) int64 {
	lo, _, known, _ := g.Facts.Range(dim.Sym(size))
	if !known {
		return 0
	}
	return max(0, lo)
}

func argNames(g *ir.Graph) (names []string) {
	for _, a := range g.Args {
		if a.Role == ir.Input || a.Role == ir.Draw {
			names = append(names, a.Name)
		}
	}
	return names
}

func resultNames(g *ir.Graph) (names []string) {
	for _, r := range g.Results {
		if r.Role != ir.CellOf {
			names = append(names, resultName(r))
		}
	}
	return names
}

// sizeNames are the symbols in the shapes of what a call is given or draws.
func sizeNames(g *ir.Graph) (names []string) {
	for _, a := range g.Args {
		if a.Role == ir.Input || a.Role == ir.Draw {
			for _, d := range a.Value.Type.Shape {
				names = append(names, g.Facts.Original(d).Syms()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// signatures lists the graphs of a model.
func signatures(m *ir.Module) string {
	var lines []string
	for _, g := range m.Graphs {
		lines = append(lines, "  "+signature(g))
	}
	return strings.Join(lines, "\n")
}

// signature writes a graph's head as the language does.
func signature(g *ir.Graph) string {
	kind := "graph "
	if g.Train {
		kind = "train "
	}
	var args, results []string
	for _, a := range g.Args {
		if a.Role == ir.Input || a.Role == ir.Draw && !strings.ContainsAny(a.Name, ".#") {
			args = append(args, a.Name+": "+typeText(g, a.Value.Type)+defaultText(a))
		}
	}
	for _, r := range g.Results {
		if r.Role != ir.CellOf {
			results = append(results, resultName(r)+": "+typeText(g, r.Value.Type))
		}
	}
	return kind + g.Name + "(" + strings.Join(args, ", ") + ") -> (" + strings.Join(results, ", ") + ")"
}

func defaultText(a *ir.Arg) string {
	switch {
	case a.Role == ir.Draw:
		if value, ok := a.Random.Certain(); ok {
			return " = " + valueText(value, a.Value.Type.DType)
		}
		return " = " + a.Random.Dist.String() + "()"
	case a.Default != nil:
		return " = " + valueText(*a.Default, a.Value.Type.DType)
	}
	return ""
}

func valueText(value float64, t dtype.DType) string {
	if t == dtype.Bool {
		return strconv.FormatBool(value != 0)
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func typeText(g *ir.Graph, t ir.Type) string {
	dims := make([]string, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = g.Facts.Show(d)
	}
	text := "[" + strings.Join(dims, ", ") + "]"
	if t.DType != dtype.F32 || len(dims) == 0 {
		text = t.DType.String() + text
	}
	return text
}

// resultName is how a result is called on the command line.
func resultName(r *ir.Result) string {
	if r.Name == "" {
		return "output"
	}
	return r.Name
}

// readInputs reads the arguments that come from files.
func (c *callFlags) readInputs(e *env, g *ir.Graph) ([]interop.Named, error) {
	var out []interop.Named
	for _, a := range g.Args {
		text, given := c.Input[a.Name]
		if !given {
			continue
		}
		t, err := readInput(e, a, text, func(shape []int) error { return c.checkShape(g, a, shape) })
		if err != nil {
			return nil, fmt.Errorf("--input %s: %w", a.Name, err)
		}
		out = append(out, interop.Named{Name: a.Name, Tensor: t})
	}
	return out, nil
}

// missing is the first argument that has to be given and is not, or nil.
func (c *callFlags) missing(g *ir.Graph) *ir.Arg {
	for _, a := range g.Args {
		if _, given := c.Input[a.Name]; !given && a.Role == ir.Input && a.Default == nil && !a.Optional {
			return a
		}
	}
	return nil
}

func readInput(e *env, a *ir.Arg, text string, fits func(shape []int) error) (*tensor.Tensor, error) {
	if x, ok := number(text, a.Value.Type.DType); ok && a.Value.Type.Rank() == 0 {
		return scalar(a, x)
	}
	want := interop.Want{Name: a.Name, DType: fileType(a), Channels: channels(a), Fits: fits}
	t, note, err := interop.ReadTensor(text, want)
	if note != "" {
		fmt.Fprintln(e.errOut, "note:", note)
	}
	return t, noFile(err, text)
}

// number reads a number, or a truth value where one is wanted.
func number(text string, t dtype.DType) (float64, bool) {
	if t == dtype.Bool && (text == "true" || text == "false") {
		return map[string]float64{"true": 1}[text], true
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil
}

// scalar is an argument that was given as a number.
func scalar(a *ir.Arg, x float64) (*tensor.Tensor, error) {
	if a.Value.Type.DType.IsInt() && x != math.Trunc(x) {
		return nil, fmt.Errorf("%g is no whole number, and %s is %s", x, a.Name, a.Value.Type.DType)
	}
	t, err := fileTensor(&ir.Tensor{DType: a.Value.Type.DType, Shape: []int{}, Data: []float64{x}})
	if err != nil {
		return nil, err
	}
	t, _, err = tensor.Convert(t, fileType(a))
	return t, err
}

func fileType(a *ir.Arg) tensor.DType { return tensor.DType(a.Value.Type.DType.String()) }

// noFile says in few words that a file is not there.
func noFile(err error, name string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s", name)
	}
	return err
}

// checkShape compares a shape with the declared rank and constants, and with the sizes of --dim.
func (c *callFlags) checkShape(g *ir.Graph, a *ir.Arg, shape []int) error {
	want := a.Value.Type.Shape
	wrong := fmt.Errorf("the shape is %s, and %s is %s", tensor.Dims(shape), a.Name, typeText(g, a.Value.Type))
	if len(shape) != len(want) {
		return wrong
	}
	for i, d := range want {
		if n, ok := d.Const(); ok && n != int64(shape[i]) {
			return wrong
		}
		if n, ok := c.Dim[d.String()]; ok && n != int64(shape[i]) {
			return fmt.Errorf("%w, where --dim says %s=%d", wrong, d, n)
		}
		if sym := d.Syms(); shape[i] == 0 && len(sym) == 1 && d.String() == sym[0] && least(g, sym[0]) > 0 {
			return fmt.Errorf("%w, where %s is at least %d", wrong, d, least(g, sym[0]))
		}
	}
	return nil
}

// channels is how many colour channels an argument wants, or 0.
func channels(a *ir.Arg) int {
	if a.Value.Type.Rank() == 4 {
		if n, ok := a.Value.Type.Shape[1].Const(); ok && (n == 1 || n == 3) {
			return int(n)
		}
	}
	return 0
}

// weightsFile returns the file to load, or "" where the weights are drawn from the seed.
func (c *callFlags) weightsFile(source string) (string, error) {
	if c.Weights != "" {
		_, err := os.Stat(c.Weights)
		return c.Weights, noFile(err, shorten(c.Weights))
	}
	if c.Seed != nil {
		return "", nil
	}
	beside := strings.TrimSuffix(source, filepath.Ext(source)) + ".safetensors"
	if _, err := os.Stat(beside); err == nil {
		return beside, nil
	}
	return "", misuse("there are no weights: give them with --weights F.safetensors, put them at %s, or draw them with --seed N", shorten(beside))
}

// runnerArgs are the arguments that describe a call to the runner; the tensors go through a file in dir.
func (c *callFlags) runnerArgs(source, dir string, call call) ([]string, error) {
	args := []string{"-graph", call.graph.Name, "-threads", strconv.Itoa(c.Threads)}
	weights, err := c.weightsFile(source)
	if err != nil {
		return nil, err
	}
	if weights != "" {
		args = append(args, "-weights", shorten(weights), "-ignore-extra="+strconv.FormatBool(c.IgnoreExtra))
	}
	if c.Seed != nil {
		seed := strconv.FormatUint(*c.Seed, 10)
		args = append(args, "-init", seed, "-seed", seed)
	}
	for _, name := range sortedKeys(c.Dim) {
		args = append(args, "-dim", fmt.Sprintf("%s=%d", name, c.Dim[name]))
	}
	if len(call.inputs) == 0 {
		return args, nil
	}
	file := filepath.Join(dir, "in.safetensors")
	return append(args, file), interop.WriteTensors(file, call.inputs)
}
