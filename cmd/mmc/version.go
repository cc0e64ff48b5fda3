package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// release is the version of the compiler.
const release = "0.1"

func version() string { return release }

// versionCmd is mmc version.
type versionCmd struct{}

// Run prints the version, the revision that it was built from where that is known, and the machine.
func (versionCmd) Run(e *env) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	fmt.Fprintf(e.out, "mmc %s%s %s %s/%s\n", version(), revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
