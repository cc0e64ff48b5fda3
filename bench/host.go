package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// host is where the measurements run: folders, tools, and what is known of the machine.
type host struct {
	*options
	root    string // of the module
	scratch string
	mmc     string // the command, built from the sources
	peers   *peers // nil where there are none
	stdout  io.Writer
}

func newHost(ctx context.Context, o *options, out io.Writer) (*host, error) {
	h := &host{options: o, stdout: out}
	mod, err := h.output(ctx, "", nil, "go", "env", "GOMOD")
	if err != nil {
		return nil, err
	}
	h.root = filepath.Dir(mod)
	if h.scratch, err = os.MkdirTemp("", "mmc-bench-"); err != nil {
		return nil, err
	}
	h.mmc = filepath.Join(h.scratch, "mmc"+map[bool]string{true: ".exe"}[runtime.GOOS == "windows"])
	if _, err := h.output(ctx, h.root, nil, "go", "build", "-o", h.mmc, "./cmd/mmc"); err != nil {
		h.close()
		return nil, err
	}
	h.peers = findPeers(ctx, h)
	return h, nil
}

func (h *host) close() { os.RemoveAll(h.scratch) }

// output runs a program and returns what it printed, trimmed. What it said on its error output becomes the error.
func (h *host) output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		text := strings.TrimSpace(errs.String())
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, text[max(0, len(text)-600):])
	}
	return strings.TrimSpace(out.String()), nil
}

// timed is output with the wall time in seconds in place of the text.
func (h *host) timed(ctx context.Context, dir string, env []string, name string, args ...string) (float64, error) {
	start := time.Now()
	_, err := h.output(ctx, dir, env, name, args...)
	return time.Since(start).Seconds(), err
}

// peak is the rate of fused multiply-adds on one thread, now.
func (h *host) peak(ctx context.Context) (float64, error) {
	text, err := h.output(ctx, h.root, nil, h.mmc, "bench", "--peak", "--json")
	if err != nil {
		return 0, err
	}
	var r struct {
		GFLOPS float64 `json:"gflops"`
	}
	return r.GFLOPS, json.Unmarshal([]byte(text), &r)
}

// processor is the machine's name for itself.
func processor() string {
	name := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		fields := map[string]string{}
		for s := bufio.NewScanner(f); s.Scan(); {
			if k, v, ok := strings.Cut(s.Text(), ":"); ok && fields[strings.TrimSpace(k)] == "" {
				fields[strings.TrimSpace(k)] = strings.TrimSpace(v)
			}
		}
		name = fmt.Sprintf("%s (family %s, model %s)", fields["model name"], fields["cpu family"], fields["model"])
	}
	return fmt.Sprintf("%s, %d CPUs, %s/%s", name, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}

// load is the number of programs that want a processor, averaged over the last minute, or "".
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
