package parity

import (
	"testing"

	"mmc/internal/golden"
)

// Generated packages compute in float32: they may be a few times further off than PyTorch in float32 is.
func TestCompiled(t *testing.T) {
	for _, c := range Cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Big && !big {
				t.Skip("a large network: go test -tags big")
			}
			golden.SkipIfAbsent(t, Check(c, Compiled{Dir: t.TempDir(), Exact: golden.Direct}))
		})
	}
}
