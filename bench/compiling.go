package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// compiling times the compiler, the Go compiler on its output, and the start of a program.
func compiling(ctx context.Context, h *host, r *report) error {
	t := newTable("what", "seconds", "target")
	resnet := program{file: "examples/resnet/resnet.mm", model: "ResNet50"}
	classify, err := resnet.withoutTraining(h)
	if err != nil {
		return err
	}
	if _, source, err := classify.generate(ctx, h); err != nil {
		t.add(".mm to source, ResNet-50", "fails: "+brief(err), "")
	} else {
		t.add(".mm to source, ResNet-50, inference: mmc build on one thread, median of 5", fmt.Sprintf("%.3f", source), judge(source, "≤", 0.5))
	}
	if dir, source, err := resnet.generate(ctx, h); err != nil {
		t.add(".mm to source, ResNet-50 with its training step", "fails: "+brief(err), "")
	} else {
		t.add("  the same with its training step", fmt.Sprintf("%.3f", source), "")
		if err := cold(ctx, h, t, dir); err != nil {
			t.add("go build", "fails: "+brief(err), "")
		}
		r.remark(h, "The package of ResNet-50, training step included, has %s.", size(filepath.Join(dir, "net")))
	}
	if err := start(ctx, h, t); err != nil {
		t.add("start to first result, LeNet", "fails: "+brief(err), "")
	}
	r.table(h, t)
	return nil
}

// trainGraph is a train graph in formatted text.
var trainGraph = regexp.MustCompile(`(?ms)^  train .*?^  }\n`)

// withoutTraining is the program of a copy of the file from which the train graphs are taken.
func (p program) withoutTraining(h *host) (program, error) {
	text, err := os.ReadFile(filepath.Join(h.root, p.file))
	if err != nil {
		return p, err
	}
	p.file = filepath.Join(h.scratch, filepath.Base(p.file))
	return p, os.WriteFile(p.file, trainGraph.ReplaceAll(text, nil), 0o666)
}

// generate makes a module with the package net in it, and returns the median time of mmc build on one thread.
func (p program) generate(ctx context.Context, h *host) (dir string, seconds float64, err error) {
	if dir, err = os.MkdirTemp(h.scratch, "app-"); err != nil {
		return "", 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module app\n\ngo 1.24\n"), 0o666); err != nil {
		return "", 0, err
	}
	args := []string{"build", p.file, "-o", filepath.Join(dir, "net")}
	if p.model != "" {
		args = append(args, "--model", p.model)
	}
	var all []float64
	for range 5 {
		s, err := h.timed(ctx, h.root, []string{"GOMAXPROCS=1"}, h.mmc, args...)
		if err != nil {
			return "", 0, err
		}
		all = append(all, s)
	}
	return dir, median(all), nil
}

const buildMain = `package main

import "app/net"

func main() {
	if _, err := net.Load("weights.safetensors"); err != nil {
		panic(err)
	}
}
`

// cold builds a program with the package from an empty build cache, first what it needs of the standard library.
func cold(ctx context.Context, h *host, t *table, dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(buildMain), 0o666); err != nil {
		return err
	}
	env := []string{"GOCACHE=" + filepath.Join(dir, "cache"), "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0"}
	list, err := h.output(ctx, dir, env, "go", "list", "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", ".")
	if err != nil {
		return err
	}
	std, err := h.timed(ctx, dir, env, "go", append([]string{"build"}, strings.Fields(list)...)...)
	if err != nil {
		return err
	}
	own, err := h.timed(ctx, dir, env, "go", "build", "-o", "program", ".")
	if err != nil {
		return err
	}
	t.add("go build of it with an empty cache", fmt.Sprintf("%.1f", std+own), judge(std+own, "≤", 20))
	t.add("  of which the standard library", fmt.Sprintf("%.1f", std), "")
	t.add("  of which the package and the program", fmt.Sprintf("%.1f", own), "")
	return nil
}

const startMain = `package main

import (
	"context"
	"fmt"
	"os"

	"app/net"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) == 1 {
		m, err := net.New(net.Init(1))
		if err != nil {
			return err
		}
		return m.Save("weights.safetensors")
	}
	m, err := net.Load(os.Args[1])
	if err != nil {
		return err
	}
	s := m.NewSession(net.Options{})
	out, err := s.Classify(context.Background(), net.Tensor[float32]{Data: make([]float32, 28*28), Shape: []int{1, 1, 28, 28}})
	fmt.Println(out.Data)
	return err
}
`

// start times a whole program that loads LeNet's weights, classifies one image and ends; and one that does nothing.
func start(ctx context.Context, h *host, t *table) error {
	lenet := program{file: "examples/lenet5/lenet5.mm"}
	dir, _, err := lenet.generate(ctx, h)
	if err != nil {
		return err
	}
	empty, bin := filepath.Join(dir, "empty"), filepath.Join(dir, "bin")
	if err := os.Mkdir(empty, 0o777); err != nil {
		return err
	}
	for name, text := range map[string]string{filepath.Join(dir, "main.go"): startMain, filepath.Join(empty, "main.go"): "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			return err
		}
	}
	if _, err := h.output(ctx, dir, []string{"GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0"}, "go", "build", "-o", bin+string(filepath.Separator), "app", "app/empty"); err != nil {
		return err
	}
	program := filepath.Join(bin, "app")
	if _, err := h.output(ctx, dir, nil, program); err != nil {
		return err
	}
	var ours, floor []float64
	for range 41 {
		s, err := h.timed(ctx, dir, nil, program, "weights.safetensors")
		if err != nil {
			return err
		}
		f, err := h.timed(ctx, dir, nil, filepath.Join(bin, "empty"))
		if err != nil {
			return err
		}
		ours, floor = append(ours, s), append(floor, f)
	}
	t.add("start to first result and exit, LeNet, weights from a file", fmt.Sprintf("%.4f", median(ours)), "")
	t.add("  of which a Go program that does nothing", fmt.Sprintf("%.4f", median(floor)), "")
	return nil
}

// size describes the generated sources.
func size(dir string) string {
	files, lines, bytes := 0, 0, 0
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, _ := os.ReadFile(name)
			files, lines, bytes = files+1, lines+strings.Count(string(data), "\n"), bytes+len(data)
		}
		return nil
	})
	return fmt.Sprintf("%d files, %d lines, %d kB", files, lines, bytes/1000)
}
