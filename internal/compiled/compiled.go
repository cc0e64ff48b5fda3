// Package compiled builds generated packages together with their runner and calls them as programs: what `mmc run` and
// `mmc bench` do, and how tests compare compiled graphs with the evaluator. Programs are kept in the user's cache by content.
package compiled

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/ir/plan"
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

// Run executes a program that prints its own errors in plain words: those become the error. Notes go to notes.
func Run(ctx context.Context, binary string, args []string, out, notes io.Writer) error {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = out, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := strings.TrimSpace(stderr.String())
	if err != nil && text != "" {
		return fmt.Errorf("%s", text)
	}
	if text != "" {
		fmt.Fprintln(notes, text)
	}
	return err
}

// Build compiles the files unless a program of the same content is in the cache.
func Build(ctx context.Context, files []codegen.File) (string, error) {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %d\n", f.Path, len(f.Data))
		h.Write(f.Data)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "mmc", runtime.Version(), hex.EncodeToString(h.Sum(nil))[:24])
	binary := filepath.Join(dir, "run"+map[bool]string{true: ".exe"}[runtime.GOOS == "windows"])
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp("", "mmc-build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := writeTree(work, files); err != nil {
		return "", err
	}
	return binary, goBuild(ctx, work, binary)
}

func writeTree(dir string, files []codegen.File) error {
	module := codegen.File{Path: "../go.mod", Data: []byte("module mmcrun\n\ngo 1.24\n")}
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

// goBuild compiles the runner; the program appears in the cache whole or not at all.
func goBuild(ctx context.Context, dir, binary string) error {
	tool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("running a model compiles it, which needs the go command: %w (mmc run --eval works without)", err)
	}
	partial := fmt.Sprintf("%s.%d", binary, os.Getpid())
	cmd := exec.CommandContext(ctx, tool, "build", "-o", partial, "./model/run")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		os.Remove(partial)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("internal error: the generated package does not compile: please report\n%s", strings.TrimSpace(string(text)))
	}
	return os.Rename(partial, binary)
}
