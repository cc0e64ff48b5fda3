// Package vectest runs generated kernels in tests: it writes the functions and a checking program into a temporary module,
// vets it, builds it and runs it.
package vectest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/cpu"

	"mmc/codegen/vec"
)

// Module collects the files of one temporary main package.
type Module struct {
	t   testing.TB
	dir string
}

// New starts a module.
func New(t testing.TB) *Module {
	m := &Module{t: t, dir: t.TempDir()}
	m.Write("go.mod", []byte("module generated\n\ngo 1.26\n"))
	return m
}

// HasAVX512 reports whether this processor runs the AVX-512 kernels; if not, the reason is logged.
func HasAVX512(t testing.TB) bool {
	x := cpu.X86
	ok := x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA
	if !ok {
		t.Log("no AVX-512 on this processor: the assembly is assembled and vetted, not run")
	}
	return ok
}

// Write adds a file.
func (m *Module) Write(name string, text []byte) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), text, 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// Copy adds the Go files of a folder under testdata.
func (m *Module) Copy(dir string) {
	m.t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		m.t.Fatalf("no Go files in %s (%v)", dir, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			m.t.Fatal(err)
		}
		m.Write(filepath.Base(f), text)
	}
}

// Funcs adds functions of both targets: kernels_amd64.s, stubs_amd64.go and kernels.go.
func (m *Module) Funcs(funcs []*vec.Func) {
	m.t.Helper()
	var asm, portable []*vec.Func
	for _, f := range funcs {
		if f.Target == vec.Scalar {
			portable = append(portable, f)
		} else {
			asm = append(asm, f)
		}
	}
	stubs, err := vec.StubFile("", "main", asm)
	if err != nil {
		m.t.Fatal(err)
	}
	text, err := vec.GoFile("", "main", true, portable)
	if err != nil {
		m.t.Fatal(err)
	}
	m.Write("kernels_amd64.s", vec.AsmFile("", asm))
	m.Write("stubs_amd64.go", stubs)
	m.Write("kernels.go", text)
}

// Run vets, builds and runs the program, and fails the test if any of them fails. It returns what the program printed.
func (m *Module) Run(args ...string) []byte {
	m.t.Helper()
	m.command("go", "vet", ".")
	m.command("go", "build", "-o", "program", ".")
	return m.command("./program", args...)
}

func (m *Module) command(name string, args ...string) []byte {
	m.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		m.t.Fatalf("%s %v: %v\n%s%s", name, args, err, tail(out.Bytes()), tail(errs.Bytes()))
	}
	return out.Bytes()
}

// tail keeps the end of a long output.
func tail(b []byte) []byte { return b[max(0, len(b)-8000):] }
