package rt

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func put(text string) func(w io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// holds asks that a directory has exactly these files with these contents.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	got := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		got[e.Name()] = string(text)
	}
	assert.Equal(t, want, got)
}

func TestWriteFileAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w")
	require.NoError(t, WriteFileAtomic(path, put("one")))
	require.NoError(t, WriteFileAtomic(path, put("two")))
	holds(t, dir, map[string]string{"w": "two"})
	t.Chdir(dir)
	require.NoError(t, WriteFileAtomic("w", put("three")), "no directory in the name")
	holds(t, dir, map[string]string{"w": "three"})
}

func TestWriteFileAtomicKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w")
	require.NoError(t, WriteFileAtomic(path, put("old")))
	cause := errors.New("half way")
	err := WriteFileAtomic(path, func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 1<<20))
		return cause
	})
	assert.ErrorIs(t, err, cause)
	holds(t, dir, map[string]string{"w": "old"})
}

func TestWriteFileAtomicMissingDirectory(t *testing.T) {
	dir := t.TempDir()
	err := WriteFileAtomic(filepath.Join(dir, "none", "w"), put("x"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "none")
	holds(t, dir, map[string]string{})
}

func TestWriteFileAtomicRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "d")
	require.NoError(t, os.Mkdir(path, 0o755))
	assert.ErrorContains(t, WriteFileAtomic(path, put("x")), "not a regular file")
	if runtime.GOOS == "linux" {
		assert.ErrorContains(t, WriteFileAtomic("/dev/null", put("x")), "not a regular file")
	}
}

func TestWriteFileAtomicKeepsModeAndLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes, and links need rights")
	}
	dir := t.TempDir()
	path, link := filepath.Join(dir, "w"), filepath.Join(dir, "latest")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o640))
	require.NoError(t, os.Chmod(path, 0o640))
	require.NoError(t, os.Symlink("w", link))
	require.NoError(t, WriteFileAtomic(link, put("new")))
	holds(t, dir, map[string]string{"w": "new", "latest": "new"})
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	info, err = os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "wasip1" { // which knows no modes
		assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	}
}

func TestOpenSafeTensorsErrors(t *testing.T) {
	_, err := OpenSafeTensors(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = OpenSafeTensors(t.TempDir())
	assert.ErrorContains(t, err, "not a regular file")
	require.NoError(t, save(t, nil).Close(), "nothing to close")
}

// A file that shrinks after it was opened gives an error, not a partly filled tensor taken for whole.
func TestReadTensorFromShrunkFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w")
	require.NoError(t, SaveSafeTensors(path, nil, []Source{SourceOf("x", shaped(1000))}))
	s, err := OpenSafeTensors(path)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, os.Truncate(path, 2000))
	_, err = LoadTensor[float32](s, "x")
	assert.ErrorContains(t, err, "unexpected EOF")
	_, err = LoadTensor[float64](s, "x")
	assert.ErrorContains(t, err, "unexpected EOF")
}
