package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"strings"

	"mmc/interop/tensor"
)

// maxEntries bounds the names that a directory of an archive may hold.
const maxEntries = 1 << 16

// ReadArchiveFile reads the tensors of an .npz file in the order of its directory.
func ReadArchiveFile(path string) ([]tensor.Named, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	all, err := ReadArchive(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// ReadArchive reads the tensors of an .npz archive of size bytes in the order of its directory.
func ReadArchive(r io.ReaderAt, size int64) ([]tensor.Named, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not an .npz file: %w", err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf(".npz with %d entries: at most %d are read", len(z.File), maxEntries)
	}
	left := uint64(size)
	var all []tensor.Named
	seen := map[string]bool{}
	for _, entry := range z.File {
		name := strings.TrimSuffix(entry.Name, ".npy")
		if seen[name] {
			return nil, fmt.Errorf(".npz has two entries %q", name)
		}
		seen[name] = true
		if entry.CompressedSize64 > left { // entries that share their bytes would multiply them
			return nil, fmt.Errorf("entry %q: the entries are larger than the file", name)
		}
		left -= entry.CompressedSize64
		t, err := readEntry(entry, size)
		if err != nil {
			return nil, fmt.Errorf("entry %q: %w", name, err)
		}
		all = append(all, tensor.Named{Name: name, Tensor: t})
	}
	return all, nil
}

func readEntry(entry *zip.File, size int64) (*tensor.Tensor, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Read(r, size)
}

// WriteArchive writes an uncompressed .npz archive, as numpy.savez does.
func WriteArchive(w io.Writer, tensors []tensor.Named) error {
	z := zip.NewWriter(w)
	for _, t := range tensors {
		entry, err := z.CreateHeader(&zip.FileHeader{Name: t.Name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := Write(entry, t.Tensor); err != nil {
			return fmt.Errorf("entry %q: %w", t.Name, err)
		}
	}
	return z.Close()
}
