package syntax_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

var want = regexp.MustCompile(`// want "((?:[^"\\]|\\.)*)"`)

// wants reads the expectations of a file: for each line the patterns that its diagnostics must match.
func wants(t *testing.T, src string) map[int][]*regexp.Regexp {
	lines := map[int][]*regexp.Regexp{}
	for i, line := range strings.Split(src, "\n") {
		for _, m := range want.FindAllStringSubmatch(line, -1) {
			re, err := regexp.Compile(m[1])
			require.NoError(t, err)
			lines[i+1] = append(lines[i+1], re)
		}
	}
	return lines
}

// TestBadPrograms holds each message to the line that says what it must be: nothing missing, nothing more.
func TestBadPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.mm")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	total := 0
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			expected := wants(t, string(src))
			require.NotEmpty(t, expected)
			file, found := syntax.Parse(filepath.Base(name), string(src))
			assert.NotNil(t, file)
			for _, d := range found {
				line := d.Range.Start.Line
				if len(expected[line]) == 0 {
					t.Errorf("%v: not expected (hint: %s)", d, d.Hint)
					continue
				}
				assert.Regexp(t, expected[line][0], d.Message, "line %d", line)
				assert.True(t, strings.HasPrefix(d.Code, "syntax."), d.Code)
				expected[line] = expected[line][1:]
				total++
			}
			for line, rest := range expected {
				for _, re := range rest {
					t.Errorf("line %d: no diagnostic matches %q", line, re)
				}
			}
		})
	}
	assert.Greater(t, total, 100)
}
