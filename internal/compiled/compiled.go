// Package compiled builds generated packages together with their runner and calls them as programs: what `mmc run` and
// `mmc bench` do, and how tests compare compiled graphs with the evaluator. Programs are kept in the user's cache by content.
package compiled

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/ir/plan"
	rt "mmc/runtime"
)

// Program compiles a plan with its runner and returns the path of the program.
func Program(ctx context.Context, pkg *plan.Package, o gosrc.Options) (string, error) {
	o.Package, o.ImportPath = "model", "mmcrun/model"
	target := gosrc.Target{Options: o}
	files, err := target.Generate(pkg)
	if err != nil {
		return "", err
	}
	main, err := target.Runner(pkg)
	if err != nil {
		return "", err
	}
	return Build(ctx, append(files, main...))
}

// Build compiles the files unless a program of the same content is in the cache.
func Build(ctx context.Context, files []codegen.File) (string, error) {
	cache, err := openCache()
	if err != nil {
		return "", err
	}
	binary := cache.program(key(files, flags(), os.Getenv("GOAMD64")))
	if cache.use(binary) {
		return binary, nil
	}
	work, err := os.MkdirTemp("", "mmc-build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := writeTree(work, files); err != nil {
		return "", err
	}
	if err := goBuild(ctx, work, binary); err != nil {
		return "", err
	}
	cache.trim()
	return binary, nil
}

// key names a program by all that it is made of: the files, the flags, and the level of the processor.
func key(files []codegen.File, flags []string, level string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", flags, level)
	for _, f := range files {
		fmt.Fprintf(h, "%s %d\n", f.Path, len(f.Data))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))[:24]
}

func writeTree(dir string, files []codegen.File) error {
	module := codegen.File{Path: "../go.mod", Data: []byte("module mmcrun\n\ngo 1.26\n")}
	for _, f := range append(files, module) {
		name := filepath.Join(dir, "model", filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// flags are those of the go command which shape a program beside its text. A poisoned compiler makes poisoned programs: the tag
// of a test run reaches the programs that its tests build.
func flags() []string {
	if rt.Poison {
		return []string{"-tags=mmcpoison"}
	}
	return nil
}

// goBuild compiles the runner for this machine; the program appears in the cache whole or not at all.
func goBuild(ctx context.Context, dir, binary string) error {
	tool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("running a model compiles it, which needs the go command: %w (mmc run --eval works without)", err)
	}
	partial := fmt.Sprintf("%s.%d", binary, os.Getpid())
	defer os.Remove(partial) // which is gone if all went well
	args := append([]string{"build", "-o", partial}, flags()...)
	cmd := exec.CommandContext(ctx, tool, append(args, "./model/run")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local",
		"GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = grace
	text, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return buildError(strings.TrimSpace(string(text)), err)
	}
	return os.Rename(partial, binary)
}

// sourceLine is how the compiler and the assembler begin what they find wrong with a file.
var sourceLine = regexp.MustCompile(`(?m)^\S+\.(go|s):\d+`)

// buildError tells a mistake of mmc's from one of the machine's, such as a full disk.
func buildError(text string, err error) error {
	if sourceLine.MatchString(text) {
		return fmt.Errorf("internal error: the generated package does not compile: please report\n%s", text)
	}
	return fmt.Errorf("go build failed: %w\n%s", err, text)
}
