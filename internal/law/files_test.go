package law

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	maxLines = 800 // what a person can hold in mind, twice
	maxBytes = 4 << 20
)

// TestFilesAreShort holds for what people write, tests included.
func TestFilesAreShort(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.Generated {
			continue
		}
		lines := f.Set.File(f.Syntax.Pos()).LineCount()
		assert.LessOrEqual(t, lines, maxLines, "%s has %d lines", f.Name, lines)
	}
}

// TestPackagesHaveComments: the first thing to read in a folder says what it is.
func TestPackagesHaveComments(t *testing.T) {
	has := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.Generated || f.Test {
			continue
		}
		doc := f.Syntax.Doc.Text()
		has[f.Folder] = has[f.Folder] || strings.HasPrefix(doc, "Package ") || strings.HasPrefix(doc, "Command ")
	}
	for folder, ok := range has {
		assert.True(t, ok, "%s has no package comment", folder)
	}
}

// TestArchitectureNamesEveryPackage: a reader of ARCHITECTURE.md meets every folder.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	require.NoError(t, err)
	order, _ := plan(t)
	for _, name := range order {
		if name == "." || strings.Contains(name, "/internal/") || strings.HasSuffix(name, "test") {
			continue // the module's root, and helpers of one package
		}
		assert.True(t, strings.Contains(string(page), "`"+name+"`"), "ARCHITECTURE.md does not name %s", name)
	}
}

// machinePath matches absolute paths of a developer's or builder's machine.
var machinePath = regexp.MustCompile(`(/(home|Users|root|work|tmp|var/folders)/[A-Za-z0-9_.-]+)|([A-Z]:\\Users\\)`)

// TestNoMachinePaths reads every text file of the project.
func TestNoMachinePaths(t *testing.T) {
	walk(t, true, func(name string) {
		src, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		if name == "internal/law/files_test.go" || !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0 {
			return
		}
		assert.Empty(t, string(machinePath.Find(src)), "%s names a place on somebody's machine", name)
	})
}

// TestFilesAreSmall keeps weights and data sets out of the repository.
func TestFilesAreSmall(t *testing.T) {
	walk(t, true, func(name string) {
		info, err := os.Stat(filepath.Join(root, name))
		require.NoError(t, err)
		assert.LessOrEqual(t, info.Size(), int64(maxBytes), name)
	})
}
