//go:build unix

package rt

import (
	"errors"
	"os"
	"syscall"
)

// syncDirectory forces a rename within the directory to the disk. File systems that cannot are believed to need
// no such step.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closed := d.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
