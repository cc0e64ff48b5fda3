package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"mmc/codegen"
	"mmc/codegen/kernel"
	"mmc/codegen/vec"
	"mmc/internal/compiled"
	rt "mmc/runtime"
)

// peakReport is the result of bench --peak.
type peakReport struct {
	GFLOPS float64 `json:"gflops"`
	ISA    string  `json:"isa"`
}

const peakMain = `package main

import (
	"fmt"
	"time"
)

func main() {
	x := make([]float32, 2*lanes)
	best := 0.0
	for range 40 {
		start := time.Now()
		peak(x, rounds)
		best = max(best, 2*fmas*lanes*rounds/time.Since(start).Seconds())
	}
	fmt.Println(best / 1e9)
}

const rounds = 1 << 18
`

// peak builds and runs the kernel that does nothing but fused multiply-adds, one thread.
func (e *env) peak(asJSON bool) error {
	isa, err := rt.ChooseISA()
	if err != nil {
		return err
	}
	target := vec.Scalar
	if isa == rt.ISAAVX512 {
		target = vec.AVX512
	}
	f, err := kernel.Peak("peak", target)
	if err != nil {
		return err
	}
	files, err := peakFiles(f, target)
	if err != nil {
		return err
	}
	binary, err := e.compile(func(ctx context.Context) (string, error) { return compiled.Build(ctx, files) })
	if err != nil {
		return err
	}
	var out strings.Builder
	quiet := *e
	quiet.out = &out
	if err := quiet.execute(binary, nil); err != nil {
		return err
	}
	var r peakReport
	if _, err := fmt.Sscan(out.String(), &r.GFLOPS); err != nil {
		return err
	}
	r.ISA = target.Name
	if asJSON {
		return json.NewEncoder(e.out).Encode(r)
	}
	fmt.Fprintf(e.out, "%.1f GFLOP/s on one thread (%s)\n", r.GFLOPS, r.ISA)
	return nil
}

func peakFiles(f *vec.Func, target *vec.Target) ([]codegen.File, error) {
	sizes := fmt.Sprintf("\nconst (\n\tlanes = %d\n\tfmas = %d\n)\n", target.Lanes, kernel.PeakFMAs)
	funcs := []*vec.Func{f}
	if target == vec.Scalar {
		text, err := vec.GoFile("// The peak kernel.", "main", true, funcs)
		return []codegen.File{
			{Path: "run/main.go", Data: []byte(peakMain + sizes)}, {Path: "run/peak.go", Data: text},
		}, err
	}
	stub, err := vec.StubFile("// The peak kernel.", "main", funcs)
	return []codegen.File{
		{Path: "run/main.go", Data: []byte(peakMain + sizes)},
		{Path: "run/peak_amd64.go", Data: stub},
		{Path: "run/peak_amd64.s", Data: vec.AsmFile("// The peak kernel.", funcs)},
	}, err
}
