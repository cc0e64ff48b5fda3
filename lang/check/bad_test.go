package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/lang/check"
)

// Bad programs carry what they expect on the guilty line: // want "regexp" "regexp". Every finding must be expected and
// every expectation met.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.mm")
	require.NoError(t, err)
	require.Greater(t, len(files), 80)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".mm"), func(t *testing.T) {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			match(t, string(src), findings(name))
		})
	}
}

func findings(name string) diag.List {
	parsed, diags := check.Load(name, os.ReadFile)
	_, more := check.Check(parsed, options())
	return append(diags, more...).Sort()
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// wants reads the expectations of a source by line.
func wants(t *testing.T, src string) map[int][]*regexp.Regexp {
	out := map[int][]*regexp.Regexp{}
	for i, line := range strings.Split(src, "\n") {
		_, tail, ok := strings.Cut(line, "// want ")
		if !ok {
			continue
		}
		for _, q := range quoted.FindAllString(tail, -1) {
			re, err := regexp.Compile(strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`))
			require.NoError(t, err)
			out[i+1] = append(out[i+1], re)
		}
	}
	return out
}

func match(t *testing.T, src string, found diag.List) {
	t.Helper()
	expected := wants(t, src)
	for _, d := range found {
		line := d.Range.Start.Line
		hit := -1
		for i, re := range expected[line] {
			if re.MatchString(d.Message) {
				hit = i
				break
			}
		}
		if hit < 0 {
			t.Errorf("not expected: %s", show(d))
			continue
		}
		expected[line] = append(expected[line][:hit], expected[line][hit+1:]...)
	}
	for line, left := range expected {
		for _, re := range left {
			t.Errorf("line %d: nothing matches %q", line, re)
		}
	}
}

func show(d diag.Diagnostic) string {
	var b strings.Builder
	diag.Render(&b, d, nil, false)
	return b.String()
}
