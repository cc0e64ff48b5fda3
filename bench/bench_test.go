package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test program stand in for Python: it answers as the peers' script does.
func TestMain(m *testing.M) {
	if os.Getenv("BENCH_TEST_PEER") == "" {
		os.Exit(m.Run())
	}
	args := os.Args[1:]
	switch {
	case args[0] == "-c" && len(args) == 2:
		fmt.Println("PyTorch 1, ONNX Runtime 2")
	case args[0] == "-c":
		fmt.Println("a warning\n12.5")
	default:
		for i, a := range args {
			if a == "--json" {
				text := `[{"model": "m", "threads": 1, "torch": 4.0, "onnxruntime": NaN, "mmc": 2.0}]`
				if args[1] == "ops" {
					text = `[{"op": "matmul 256", "threads": 1, "onnxruntime": 80.5, "torch": 90.5}]`
				}
				if err := os.WriteFile(args[i+1], []byte(text), 0o666); err != nil {
					os.Exit(1)
				}
			}
		}
	}
}

func fakeHost(t *testing.T) *host {
	t.Setenv("BENCH_TEST_PEER", "1")
	shared := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(shared, "peers"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(shared, "peers", "peers.py"), nil, 0o666))
	o, _, err := parse([]string{"-python", os.Args[0], "-shared", shared})
	require.NoError(t, err)
	return &host{options: o, root: t.TempDir(), scratch: t.TempDir(), stdout: new(strings.Builder)}
}

func TestPeers(t *testing.T) {
	h := fakeHost(t)
	p := findPeers(t.Context(), h)
	require.NotNil(t, p)
	require.Equal(t, "PyTorch 1, ONNX Runtime 2", p.versions)
	got, err := p.run(t.Context(), "m", []string{"true"})
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"threads": 1, "torch": 4, "mmc": 2}, got, "a peer that failed is left out")
	ops, err := p.ops(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string][2]float64{"matmul 256": {80.5, 90.5}}, ops)
	ms, err := p.train(t.Context(), "case")
	require.NoError(t, err)
	require.Equal(t, 12.5, ms)
}

func TestNoPeersIsNoError(t *testing.T) {
	h := fakeHost(t)
	h.python = ""
	require.Nil(t, findPeers(t.Context(), h))
	require.Contains(t, h.stdout.(*strings.Builder).String(), "no peers")
	h.python, h.shared = os.Args[0], t.TempDir()
	require.Nil(t, findPeers(t.Context(), h))
}

func TestParseKernels(t *testing.T) {
	rows := parseKernels("gemm 256x256x256                     136.1 GFLOP/s   86 % of peak, the best tenth  97 % (178 of 456 chunks undisturbed)\n" +
		"gemm 1024x1024x1024 A transposed   never undisturbed\n" +
		"conv 3x3/1 64->64 @56                132.4 GFLOP/s   72 % of peak, the best tenth  89 % (15 of 75 chunks undisturbed)\n" +
		"scalar 64                              4.0 GFLOP/s    2 % of peak, the best tenth   3 % (126 of 698 chunks undisturbed)\n")
	require.Equal(t, []kernelRow{
		{"gemm 256x256x256", 136.1, 86, 97, 178, 456}, {"conv 3x3/1 64->64 @56", 132.4, 72, 89, 15, 75}, {"scalar 64", 4, 2, 3, 126, 698},
	}, rows)
	require.Equal(t, "≥ 85 met", rows[0].judge())
	require.Equal(t, "≥ 80 missed", rows[1].judge())
	require.Equal(t, "≥ 5 missed", rows[2].judge())
	require.Equal(t, "matmul 256", peerOp(rows[0].name))
	require.Equal(t, "conv 3x3/1 64->64 @56", peerOp(rows[1].name))
}

// TestShellQuote: what a shell makes of the quoted words are the words.
func TestShellQuote(t *testing.T) {
	words := []string{"it's", "a b", "$HOME"}
	h := &host{}
	text, err := h.output(context.Background(), "", nil, "sh", "-c", "printf '%s|' "+shellQuote(words))
	if err != nil {
		t.Skip("no shell here: ", err)
	}
	require.Equal(t, strings.Join(words, "|")+"|", text)
	require.Equal(t, "'{{x}}'", shellQuote([]string{"{x}"}))
}

func TestTable(t *testing.T) {
	x := newTable("a", "bb")
	x.add("long", "–")
	require.Equal(t, "| a    | bb |\n|:-----|---:|\n| long |  – |\n", x.String())
}

func TestFailuresAreRows(t *testing.T) {
	h := fakeHost(t)
	h.mmc = filepath.Join(h.scratch, "missing")
	row, _ := networkList[0].network(t.Context(), h, 100)
	require.Contains(t, row[1], "fails")
	require.Len(t, row, 9)
}

func TestReportNamesNoMachine(t *testing.T) {
	h := fakeHost(t)
	h.out = "."
	r := newReport("Title", h, []string{"go", "run", "./bench", "-python", os.Args[0], "-only", "a|b"})
	r.remark(h, "Remark.")
	require.NoError(t, r.write(t.Context(), h, "x"))
	text, err := os.ReadFile(filepath.Join(h.root, "x.md"))
	require.NoError(t, err)
	require.Contains(t, string(text), "go run ./bench -python python3 -only 'a|b'")
	require.NotContains(t, string(text), os.Args[0])
}

func TestUnknownTable(t *testing.T) {
	_, _, err := parse([]string{"kernel"})
	require.ErrorContains(t, err, "kernels")
	_, _, err = parse([]string{"-only", "("})
	require.Error(t, err)
}

func TestWithoutTraining(t *testing.T) {
	h := &host{root: "..", scratch: t.TempDir()}
	p, err := program{file: "examples/resnet/resnet.mm"}.withoutTraining(h)
	require.NoError(t, err)
	text, err := os.ReadFile(p.file)
	require.NoError(t, err)
	require.NotContains(t, string(text), "minimize")
	require.Contains(t, string(text), "graph classify")
	require.Contains(t, string(text), "  expect params(classify) == 25_557_032\n}", "what follows stays")
}
