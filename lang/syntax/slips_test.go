package syntax

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
)

// The wrong programs of testdata make every slip fire, so none is dead and each has its words checked.
func TestEverySlipFires(t *testing.T) {
	fired := map[string]bool{}
	original := slices.Clone(slips)
	defer copy(slips, original)
	for i, s := range original {
		assert.False(t, slices.ContainsFunc(original[:i], func(o slip) bool { return o.name == s.name }), "two slips are called %q", s.name)
		slips[i].tell = func(at site, d diag.Diagnostic) diag.Diagnostic {
			fired[s.name] = true
			return s.tell(at, d)
		}
	}
	files, err := filepath.Glob("testdata/bad/*.mm")
	require.NoError(t, err)
	for _, name := range files {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		Parse(name, string(src))
	}
	for _, s := range original {
		assert.True(t, fired[s.name], "no program in testdata/bad makes %q fire", s.name)
	}
}

// Every keyword that begins no statement and no value says where it belongs.
func TestMisplacedKeywordsHaveHints(t *testing.T) {
	e := newEngine()
	for word := range keywords {
		if e.rules[word].parse == nil && primaries[word] == nil && !values[word] && word != "not" && word != "else" {
			assert.NotEmpty(t, belongs[word], word)
		}
	}
}
