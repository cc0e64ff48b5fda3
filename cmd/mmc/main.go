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
	"syscall"

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

// description heads the help.
const description = `The compiler for multimodal neural networks: .mm models to self-contained Go packages.

A first look, in a copy of the repository:

  mmc check examples/lenet5/lenet5.mm
  mmc run examples/superres/superres.mm --input image=examples/superres/photo.png --output image=sharp.png
  mmc build examples/unet/unet.mm --model UNet -o ./unet

Exit codes: 0, all is well; 1, a file or its data is wrong; 2, the command line is wrong.`

// env is what every command gets.
type env struct {
	ctx         context.Context
	out, errOut io.Writer
	terminal    bool // errOut is read by a person
	colour      bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	e := &env{ctx: ctx, out: os.Stdout, errOut: os.Stderr, terminal: isTerminal(os.Stderr)}
	e.colour = e.terminal && os.Getenv("NO_COLOR") == ""
	code := e.main(os.Args[1:])
	stop()
	os.Exit(code)
}

// main parses the arguments, runs the command and returns the exit code.
func (e *env) main(args []string) int {
	out := &output{to: e.out}
	inner := *e
	inner.out = out
	err := inner.run(args)
	if out.err != nil {
		err = out.err
	}
	if err != nil {
		return e.report(err)
	}
	return 0
}

// run parses the arguments and runs the command.
func (e *env) run(args []string) error {
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(args[1:], "--help")
	case args[0] == "--version":
		args = []string{"version"}
	}
	command, err := e.parse(args)
	if err != nil || command == nil {
		return err
	}
	return guarded(func() error { return command.Run(e) })
}

// output keeps the first error, so that commands may print without asking each time.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	if err != nil {
		o.err = fmt.Errorf("the output cannot be written: %w", reason(err))
	}
	return n, err
}

// parse reads the command line. There is no command where help was asked for and given.
func (e *env) parse(args []string) (*kong.Context, error) {
	var cli commands
	helped := false
	parser, err := newParser(&cli, kong.Writers(e.out, e.errOut), kong.Exit(func(int) { helped = true }))
	if err != nil {
		return nil, err
	}
	command, err := parser.Parse(args)
	if helped {
		return nil, nil
	}
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		help := "mmc --help"
		if node := wrong.Context.Selected(); node != nil {
			help = "mmc " + node.Name + " --help"
		}
		err = usageError{fmt.Errorf("%s; %s tells more", plainWords(err.Error()), help)}
	}
	return command, err
}

// newParser makes the parser of the command line.
func newParser(cli *commands, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(cli, append([]kong.Option{kong.Name("mmc"), kong.Description(description)}, more...)...)
}

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// misuse makes a usageError.
func misuse(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errReported marks a failure whose reasons have been printed.
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
