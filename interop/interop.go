// Package interop reads and writes the files that programs exchange tensors through, by their extension: .npy and .npz, .safetensors,
// .png and .jpg, .wav, and .txt (bytes). Each format has a package of its own beside this one; here are the table of them, the choice
// of a tensor from an archive, and the conversions that need no asking. Everything read is treated as hostile: a damaged file is an
// error, never a panic, and costs no more memory than its bytes account for. Everything written is the old file or the whole new one.
package interop

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mmc/interop/image"
	"mmc/interop/npy"
	"mmc/interop/tensor"
	"mmc/interop/text"
	"mmc/interop/wav"
)

// Tensor and Named are what files are read into; see package tensor.
type (
	Tensor = tensor.Tensor
	Named  = tensor.Named
)

// Rate is the sample rate that sound is written with: a tensor does not carry one, and speech models use this.
const Rate = 16000

// Want says what a program would like to get from a file. The zero Want takes the file as it is.
type Want struct {
	Name     string       // of the tensor in an archive; a lone tensor may have any name
	DType    tensor.DType // converted to under tensor.Convert's rules
	Channels int          // of a picture: 1 or 3

	// Fits says what is wrong with a shape; nil takes any. Files that tell shapes in headers are refused before their data are read.
	Fits func(shape []int) error
}

// format is one row of the table: how a kind of file is read and written. Those that hold a single tensor get or give a single one,
// whose name does not matter.
type format struct {
	archive bool
	read    func(path string, want Want) ([]Named, error)
	write   func(w io.Writer, tensors []Named) error
}

var formats = map[string]format{
	".npy":         {read: readArray, write: lone(npy.Write)},
	".npz":         {archive: true, read: readArchive, write: npy.WriteArchive},
	".safetensors": {archive: true, read: readSafeTensors, write: writeSafeTensors},
	".png":         {read: readPicture, write: lone(narrowed(image.WritePNG))},
	".jpg":         {read: readPicture, write: lone(narrowed(image.WriteJPEG))},
	".jpeg":        {read: readPicture, write: lone(narrowed(image.WriteJPEG))},
	".wav":         {read: single(readSound), write: lone(narrowed(writeSound))},
	".txt":         {read: single(text.ReadFile), write: lone(text.Write)},
}

// Extensions lists the endings of the files that can be read and written.
func Extensions() []string { return slices.Sorted(maps.Keys(formats)) }

// formatOf is the format of a file that is to be read or written.
func formatOf(path string) (format, error) {
	f, ok := formats[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return format{}, fmt.Errorf("%s: what kind of file this is shows in its ending, one of %s", path, strings.Join(Extensions(), " "))
	}
	return f, nil
}

// source is the format of a file that is to be read. It refuses folders, and files that hold nothing, which only text may.
func source(path string) (format, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return format{}, fmt.Errorf("%s is a folder", path)
	}
	f, known := formatOf(path)
	if known == nil && err == nil && info.Mode().IsRegular() && info.Size() == 0 && !strings.EqualFold(filepath.Ext(path), ".txt") {
		return format{}, fmt.Errorf("%s is empty", path)
	}
	return f, known
}

// ReadTensors reads all tensors of a file. Where a file's format gives no name, the name is empty.
func ReadTensors(path string) ([]Named, error) {
	f, err := source(path)
	if err != nil {
		return nil, err
	}
	return f.read(path, Want{})
}

// ReadTensor reads one tensor. The note, if not empty, is for the user: something of the file's precision was lost.
func ReadTensor(path string, want Want) (t *Tensor, note string, err error) {
	f, err := source(path)
	if err != nil {
		return nil, "", err
	}
	all, err := f.read(path, want)
	if err != nil {
		return nil, "", err
	}
	found, err := choose(all, want.Name)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	if want.Fits != nil {
		if err := want.Fits(found.Tensor.Shape); err != nil {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
	}
	if want.DType == "" {
		return found.Tensor, "", nil
	}
	t, note, err = tensor.Convert(found.Tensor, want.DType)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	if note != "" {
		note = path + ": " + note
	}
	return t, note, nil
}

// choose takes the tensor of that name, or the only one there is.
func choose(all []Named, name string) (Named, error) {
	if len(all) == 1 {
		return all[0], nil
	}
	names := make([]string, len(all))
	for i, t := range all {
		if t.Name == name {
			return t, nil
		}
		names[i] = t.Name
	}
	if len(names) > 8 {
		names = append(names[:8], "..")
	}
	if name == "" {
		return Named{}, fmt.Errorf("it holds %d tensors (%s), one is wanted", len(all), strings.Join(names, ", "))
	}
	return Named{}, fmt.Errorf("it holds %d tensors (%s), none is %q", len(all), strings.Join(names, ", "), name)
}

// WriteTensor writes one tensor; archives hold it under name.
func WriteTensor(path, name string, t *Tensor) error {
	return WriteTensors(path, []Named{{Name: name, Tensor: t}})
}

// WriteTensors writes tensors to one file, which must be an archive if they are several.
func WriteTensors(path string, tensors []Named) error {
	f, err := formatOf(path)
	if err != nil {
		return err
	}
	if len(tensors) != 1 && !f.archive {
		return fmt.Errorf("%s: this kind of file holds one tensor, not %d: write .npz or .safetensors", path, len(tensors))
	}
	if name, twice := repeated(tensors); twice {
		return fmt.Errorf("%s: two tensors are called %q", path, name)
	}
	if err := save(path, func(w io.Writer) error { return f.write(w, tensors) }); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func repeated(tensors []Named) (string, bool) {
	seen := map[string]bool{}
	for _, t := range tensors {
		if seen[t.Name] {
			return t.Name, true
		}
		seen[t.Name] = true
	}
	return "", false
}

// single and lone fit readers and writers of one tensor into the table.
func single(read func(path string) (*Tensor, error)) func(string, Want) ([]Named, error) {
	return func(path string, _ Want) ([]Named, error) {
		t, err := read(path)
		if err != nil {
			return nil, err
		}
		return []Named{{Tensor: t}}, nil
	}
}

func lone(write func(w io.Writer, t *Tensor) error) func(io.Writer, []Named) error {
	return func(w io.Writer, tensors []Named) error { return write(w, tensors[0].Tensor) }
}

// narrowed lets f64 be written where a format's samples are coarser than f32 anyway.
func narrowed(write func(w io.Writer, t *Tensor) error) func(io.Writer, *Tensor) error {
	return func(w io.Writer, t *Tensor) error {
		if t.DType() == tensor.F64 {
			t, _, _ = tensor.Convert(t, tensor.F32) // f64 to f32 never fails
		}
		return write(w, t)
	}
}

func readArray(path string, want Want) ([]Named, error) {
	t, err := npy.ReadFileIf(path, want.Fits)
	return []Named{{Tensor: t}}, err
}

func readArchive(path string, want Want) ([]Named, error) {
	return npy.ReadArchiveFile(path, npy.Ask{Name: want.Name, Fits: want.Fits})
}

func readPicture(path string, want Want) ([]Named, error) {
	channels := want.Channels
	if channels == 0 {
		channels = 3
	}
	t, err := image.ReadFile(path, channels)
	if err != nil {
		return nil, err
	}
	return []Named{{Tensor: t}}, nil
}

func readSound(path string) (*Tensor, error) {
	s, err := wav.ReadFile(path)
	return s.Samples, err
}

func writeSound(w io.Writer, t *Tensor) error { return wav.Write(w, wav.Sound{Rate: Rate, Samples: t}) }
