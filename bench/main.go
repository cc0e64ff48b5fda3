// Command bench measures what the compiler makes against what a user would run instead, and writes the tables beside it.
//
//	go run ./bench                          # everything; needs no Python, has no peers then
//	go run ./bench -python venv/bin/python  # with PyTorch and ONNX Runtime, alternating with our own programs
//	go run ./bench kernels networks         # some of: kernels networks training compile
//
// It calls the mmc command and the go command, and imports nothing of the compiler: it sees what a user sees. See README.md
// for how the figures are taken and how to read them.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
)

// section is one table. It returns lines for people and fails only where nothing could be measured.
type section struct {
	name, title string
	run         func(ctx context.Context, h *host, r *report) error
}

var sections = []section{
	{"kernels", "Kernels: share of the FMA peak", kernels},
	{"networks", "Networks, batch 1", networks},
	{"training", "Training steps", training},
	{"compile", "The compiler and its programs", compiling},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	python, shared, out string
	threads, rounds     int
	seconds             float64
	only                *regexp.Regexp
	profile             bool
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, wanted, err := parse(args)
	if err != nil {
		return err
	}
	h, err := newHost(ctx, o, out)
	if err != nil {
		return err
	}
	defer h.close()
	for _, s := range sections {
		if len(wanted) > 0 && !slices.Contains(wanted, s.name) {
			continue
		}
		r := newReport(s.title, h, append([]string{"go", "run", "./bench"}, args...))
		if err := s.run(ctx, h, r); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := r.write(ctx, h, s.name); err != nil {
			return err
		}
	}
	return nil
}

func parse(args []string) (*options, []string, error) {
	o := new(options)
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.python, "python", os.Getenv("MMC_PYTHON"), "a Python with torch, torchvision and onnxruntime (default $MMC_PYTHON); without it there are no peers")
	f.StringVar(&o.shared, "shared", "", "the folder that holds peers/peers.py (default $MMC_SHARED, else shared beside the module)")
	f.StringVar(&o.out, "o", "bench", "the folder for the tables; empty prints only")
	f.IntVar(&o.threads, "threads", 1, "threads of everybody")
	f.IntVar(&o.rounds, "rounds", 3, "rounds of alternation; the median one counts")
	f.Float64Var(&o.seconds, "seconds", 1, "time of one measurement of a peer")
	f.BoolVar(&o.profile, "profile", false, "networks and training: print the kernels of each, the slowest first")
	only := f.String("only", "", "rows whose name matches this regular expression")
	if err := f.Parse(args); err != nil {
		return nil, nil, err
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return nil, nil, err
	}
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	for _, name := range f.Args() {
		if !slices.Contains(names, name) {
			return nil, nil, fmt.Errorf("there is no table %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	return o, f.Args(), nil
}
