package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The recipe's file holds three tensors in full, made by NumPy.
func TestRecipeBitForBit(t *testing.T) {
	root, err := ModuleRoot()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(root, "testdata", "golden", "recipe.json"))
	require.NoError(t, err)
	var doc struct {
		Tensors []struct {
			Case, Name, DType string
			Uniform           []float64
			Normal            bool
			Seeds             []string
			Values            []float64
		}
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	require.Len(t, doc.Tensors, 3)
	for _, x := range doc.Tensors {
		key := x.Case + "/" + x.Name
		n := len(x.Values)
		switch {
		case x.Normal:
			assert.Equal(t, x.Seeds, []string{hex(key + "#1"), hex(key + "#2")})
			for i, v := range normal(key, n) {
				// log and cos may differ in the last bit of float64, which rounding to float32 nearly always hides.
				assert.InEpsilon(t, x.Values[i], float64(v), 1.2e-7, "%s %d", key, i)
			}
		case x.DType == "i64":
			assert.Equal(t, x.Seeds, []string{hex(key)})
			assert.Equal(t, x.Values, mapped(integers(key, x.Uniform[0], x.Uniform[1], n), func(v int64) float64 { return float64(v) }))
		default:
			assert.Equal(t, x.Seeds, []string{hex(key)})
			assert.Equal(t, x.Values, mapped(uniform(key, x.Uniform[0], x.Uniform[1], n), func(v float32) float64 { return float64(v) }))
		}
	}
}

func hex(key string) string { return fmt.Sprintf("%016x", seedOf(key)) }

func TestNormalIsNormal(t *testing.T) {
	mean, square := 0.0, 0.0
	const n = 1 << 16
	for _, v := range normal("any name", n) {
		mean += float64(v) / n
		square += float64(v) * float64(v) / n
	}
	assert.InDelta(t, 0, mean, 5/math.Sqrt(n))
	assert.InDelta(t, 1, square, 5*math.Sqrt(2./n))
}

// Every case that is at hand can be read in full, and its trainable elements are as many as PyTorch counted.
func TestEveryCase(t *testing.T) {
	for _, name := range allCases(t) {
		t.Run(name, func(t *testing.T) {
			c, err := Load(name)
			require.NoError(t, err)
			assert.Equal(t, name, c.Name)
			count := 0
			for _, w := range c.spec.Weights {
				if w.TiedTo == "" && !strings.Contains(w.Name, ".running_") {
					count += elements(w.Shape)
				}
			}
			assert.Equal(t, c.Parameters, count)
			for _, o := range c.Outputs() {
				if o.DType != tensor.F32 {
					continue
				}
				_, want, err := c.expected(o)
				require.NoError(t, err, o.Name)
				if o.Samples == nil {
					assert.InEpsilon(t, o.RMS, rms(want), 1e-6, o.Name)
				}
			}
			inputs, err := c.Inputs()
			SkipIfAbsent(t, err)
			for _, in := range inputs {
				assert.NoError(t, in.Validate(), in.Name)
			}
		})
	}
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// allCases lists the cases of testdata, and the others where the shared folder is present.
func allCases(t *testing.T) []string {
	root, err := ModuleRoot()
	require.NoError(t, err)
	patterns := []string{filepath.Join(root, "testdata", "golden", "*", "case.json")}
	if shared, err := SharedFile("reference"); err == nil {
		patterns = append(patterns, filepath.Join(shared, "*", "case.json"))
	}
	seen := map[string]bool{}
	var names []string
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		require.NoError(t, err)
		for _, f := range found {
			if name := filepath.Base(filepath.Dir(f)); !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	require.NotEmpty(t, names)
	return names
}
