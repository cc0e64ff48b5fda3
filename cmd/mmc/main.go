// Command mmc compiles .mm models to self-contained Go packages. It is the only package that knows the list of targets and
// the only one that prints for people; everything else returns values.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"

	"mmc/internal/diag"
)

// Exit codes: the user's file or data is wrong; the command line is wrong.
const (
	exitUser  = 1
	exitUsage = 2
)

// commands is the command line.
type commands struct {
	Run     runCmd     `cmd:"" help:"Run a graph on files: images, arrays, sound, text."`
	Build   buildCmd   `cmd:"" help:"Compile a model to a Go package."`
	Check   checkCmd   `cmd:"" help:"Find mistakes in .mm files, or tell whether a generated folder is stale."`
	Fmt     fmtCmd     `cmd:"" help:"Format .mm files."`
	Stats   statsCmd   `cmd:"" help:"Print parameters, FLOPs, kernels and memory of each graph."`
	Show    showCmd    `cmd:"" help:"Look inside: print what a stage of the compiler made of a model."`
	Bench   benchCmd   `cmd:"" help:"Time a graph of a model."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what every command gets.
type env struct {
	ctx         context.Context
	out, errOut io.Writer
	colour      bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	e := &env{ctx: ctx, out: os.Stdout, errOut: os.Stderr, colour: isTerminal(os.Stderr) && os.Getenv("NO_COLOR") == ""}
	code := e.main(os.Args[1:])
	stop()
	os.Exit(code)
}

// main parses the arguments, runs the command and returns the exit code.
func (e *env) main(args []string) int {
	var cli commands
	status := -1
	parser, err := kong.New(&cli,
		kong.Name("mmc"),
		kong.Description("The compiler for multimodal neural networks: .mm models to self-contained Go packages."),
		kong.UsageOnError(),
		kong.Writers(e.out, e.errOut),
		kong.Exit(func(code int) { status = code }),
		kong.Vars{"version": version()},
	)
	if err != nil {
		panic(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if status >= 0 {
		return status // --help
	}
	if err != nil {
		fmt.Fprintln(e.errOut, "mmc:", err)
		return exitUsage
	}
	if err := e.guarded(func() error { return command.Run(e) }); err != nil {
		return e.report(err)
	}
	return 0
}

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// reported marks an error whose diagnostics have been printed.
var errReported = errors.New("reported")

// report prints an error and returns the exit code for it.
func (e *env) report(err error) int {
	var usage usageError
	var list diag.List
	switch {
	case errors.Is(err, errReported):
	case errors.As(err, &usage):
		fmt.Fprintln(e.errOut, "mmc:", err)
		return exitUsage
	case errors.As(err, &list):
		e.diagnose(list)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(e.errOut, "mmc: interrupted")
	default:
		fmt.Fprintln(e.errOut, "mmc:", err)
	}
	return exitUser
}

// diagnose prints diagnostics with the source lines that they are about.
func (e *env) diagnose(list diag.List) {
	source := func(file string) (string, bool) {
		text, err := readSource(file)
		return string(text), err == nil
	}
	for _, d := range list {
		diag.Render(e.errOut, d, source, e.colour)
	}
}
