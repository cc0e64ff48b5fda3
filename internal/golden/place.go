package golden

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ErrAbsent is what errors wrap when a file is wanted that lies outside the repository and is not there: a test skips then.
var ErrAbsent = errors.New("optional test data is absent (MMC_SHARED names its folder)")

// ModuleRoot returns the folder of this module's go.mod, searched upwards from the working directory.
func ModuleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module mmc\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod of module mmc in %s or above", start)
		}
	}
}

// Shared returns the folder of the data that is too large for the repository: MMC_SHARED, or shared beside the module's root.
func Shared() (string, error) {
	dir := os.Getenv("MMC_SHARED")
	if dir == "" {
		root, err := ModuleRoot()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(filepath.Dir(root), "shared")
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", ErrAbsent
	}
	return dir, nil
}

// SharedFile returns the path of a file or folder of the shared data, and ErrAbsent if it is not there.
func SharedFile(elem ...string) (string, error) {
	dir, err := Shared()
	if err != nil {
		return "", err
	}
	path := filepath.Join(append([]string{dir}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Join(elem...), ErrAbsent)
	}
	return path, nil
}

// SkipIfAbsent skips the test if err says that optional data is absent, and fails it on any other error.
func SkipIfAbsent(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
