package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// glance finds the model of look-inside.md in the page itself.
var glance = regexp.MustCompile("(?s)```mm\n(.*?)```")

// show runs mmc show on the model of look-inside.md and keeps of its output what keep returns.
func show(keep func(string) string, args ...string) func(*source) (string, error) {
	return func(s *source) (string, error) {
		page, err := os.ReadFile(filepath.Join(s.root, "docs", "look-inside.md"))
		if err != nil {
			return "", err
		}
		m := glance.FindSubmatch(page)
		if m == nil {
			return "", errors.New("the page holds no model")
		}
		out, err := s.run("glance.mm", m[1], append([]string{"show", "glance.mm"}, args...)...)
		return fence("text", keep(out)), err
	}
}

// wrong is a program with one mistake: a size that is odd comes back even.
const wrong = `model Shrink() {
  graph f(image: [N, 3, H, W]) -> [N, 8, H, W] {
    x = image |> down: Conv2d(8, 3, stride: 2, pad: 1)
    x |> up: ConvTranspose2d(8, 2, stride: 2)
  }
}
`

// mistake shows a wrong program and what mmc check says.
func mistake(s *source) (string, error) {
	out, err := s.run("shrink.mm", []byte(wrong), "check", "shrink.mm")
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil // the program is wrong
	}
	return fence("text", wrong+"\n$ mmc check shrink.mm\n"+out), err
}

// run calls the command in a folder that holds one program, and returns what it printed.
func (s *source) run(name string, program []byte, args ...string) (string, error) {
	dir, err := os.MkdirTemp("", "docgen")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, name), program, 0o666); err != nil {
		return "", err
	}
	cmd := exec.Command(s.tool, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(bytes.TrimRight(out, "\n")) + "\n", err
}

func fence(mark, text string) string { return "```" + mark + "\n" + text + "```\n" }

func all(text string) string { return text }

// method keeps the method of the graph, with its documentation.
func method(text string) string {
	begin := strings.Index(text, "// F ")
	end := strings.Index(text[max(begin, 0):], "\n}\n")
	if begin < 0 || end < 0 {
		return text
	}
	return text[begin : begin+end+3]
}

// opening keeps the first lines of the first matrix kernel.
func opening(text string) string {
	begin := max(strings.Index(text, "TEXT ·gemm"), 0)
	lines := strings.SplitAfterN(text[begin:], "\n", 41)
	return strings.Join(lines[:min(len(lines), 40)], "")
}
