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

// Ask says which tensors of an archive are wanted, so that the others cost nothing. The zero Ask takes all.
type Ask struct {
	Name string                  // where several are there, only that of this name is read
	Fits func(shape []int) error // what is wrong with a shape, asked before the data are read
}

// ReadArchiveFile reads the tensors of an .npz file in the order of its directory. Those that are not wanted are nil.
func ReadArchiveFile(path string, ask Ask) ([]tensor.Named, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	all, err := ReadArchive(f, info.Size(), ask)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// ReadArchive reads the tensors of an .npz archive of size bytes in the order of its directory. Those that are not wanted are nil.
func ReadArchive(r io.ReaderAt, size int64, ask Ask) ([]tensor.Named, error) {
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
		if ask.Name != "" && name != ask.Name && len(z.File) > 1 {
			all = append(all, tensor.Named{Name: name})
			continue
		}
		t, err := readEntry(entry, ask.Fits)
		if err != nil {
			return nil, fmt.Errorf("entry %q: %w", name, err)
		}
		all = append(all, tensor.Named{Name: name, Tensor: t})
	}
	return all, nil
}

// densest is more than the bytes that a byte of deflate can stand for: an archive of some kilobytes may be gigabytes, but no more.
const densest = 1040

func readEntry(entry *zip.File, fits func(shape []int) error) (*tensor.Tensor, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	most := entry.UncompressedSize64
	if most/densest > entry.CompressedSize64 {
		most = entry.CompressedSize64 * densest
	}
	return read(r, int64(most), int64(most), fits)
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
