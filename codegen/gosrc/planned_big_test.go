//go:build big

package gosrc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/parity"
)

func init() {
	examples["gan"] = parity.Program{File: "examples/gan/gan.mm"}
	examples["unet"] = parity.Program{File: "examples/unet/unet.mm", Model: "UNet", Set: map[string]string{"width": "4"}}
}

// TestPlannedRace watches sessions of one model with planned kernels; TestModel does so with simple ones.
func TestPlannedRace(t *testing.T) {
	needRace(t)
	m := newModule(t)
	m.sharedRuntime()
	m.generateShared("lenet5", planned(t, examples["lenet5"]))
	m.plannedTests("lenet5", "lenet5")
	text, err := m.goTest("-race", "-run=Sessions|Threads", "./lenet5")
	require.NoError(t, err, string(text))
}
