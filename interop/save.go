package interop

import (
	"bufio"
	"io"
	"os"

	rt "mmc/runtime"
)

// save writes a file by rt.WriteFileAtomic. A device or a pipe cannot be replaced, only written to.
func save(path string, write func(w io.Writer) error) error {
	buffered := func(w io.Writer) error {
		b := bufio.NewWriter(w)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() || info.IsDir() {
		return rt.WriteFileAtomic(path, buffered)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := buffered(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
