package rt

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Source is a tensor to be written.
type Source struct {
	Name  string
	DType DType
	Shape []int
	// Write puts the elements out, little-endian and row-major, exactly as many bytes as the shape asks for.
	Write func(w io.Writer) error
}

// SourceOf writes a tensor from memory.
func SourceOf[T Elem](name string, t Tensor[T]) Source {
	return Source{Name: name, DType: DTypeOf[T](), Shape: t.Shape, Write: func(w io.Writer) error {
		_, err := w.Write(bytesOf(t.Data))
		return err
	}}
}

// SaveSafeTensors writes a file as WriteFileAtomic does: it is the old one or the whole new one.
func SaveSafeTensors(path string, metadata map[string]string, tensors []Source) error {
	return WriteFileAtomic(path, func(w io.Writer) error { return WriteSafeTensors(w, metadata, tensors) })
}

// WriteSafeTensors writes a file to w. Its bytes depend on what is written, not on the order of tensors: wider
// types come first, so that all data is aligned, and names sort within a width.
func WriteSafeTensors(w io.Writer, metadata map[string]string, tensors []Source) error {
	if err := refuseBigEndian(); err != nil {
		return err
	}
	sorted := slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b Source) int {
		if a.DType.Bits() != b.DType.Bits() {
			return b.DType.Bits() - a.DType.Bits()
		}
		return strings.Compare(a.Name, b.Name)
	})
	text, sizes, err := headerText(metadata, sorted)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for i, t := range sorted {
		c := &countingWriter{w: w, left: sizes[i]}
		if err := t.Write(c); err != nil {
			return within("tensor "+strconv.Quote(t.Name), err)
		}
		if c.left != 0 {
			return errors.New("tensor " + strconv.Quote(t.Name) + ": " + strconv.FormatInt(c.left, 10) + " bytes are missing")
		}
	}
	return nil
}

// headerText makes the length and the header, padded to eight bytes, and the size of each tensor.
func headerText(metadata map[string]string, tensors []Source) ([]byte, []int64, error) {
	text := append(make([]byte, lengthBytes, 4096), '{')
	text, err := appendMetadata(text, metadata)
	if err != nil {
		return nil, nil, err
	}
	sizes := make([]int64, len(tensors))
	seen, offset := map[string]bool{}, int64(0)
	for i, t := range tensors {
		if sizes[i], err = sourceSize(t); err != nil {
			return nil, nil, err
		}
		if seen[t.Name] {
			return nil, nil, errors.New("tensor " + strconv.Quote(t.Name) + " is written twice")
		}
		seen[t.Name] = true
		text = appendTensor(text, t, offset, offset+sizes[i])
		offset += sizes[i]
	}
	if text[len(text)-1] == ',' {
		text = text[:len(text)-1]
	}
	text = append(text, '}')
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	n := uint64(len(text) - lengthBytes)
	if n > maxHeader {
		return nil, nil, errors.New("too many tensors for one file: the header would take " + strconv.FormatUint(n, 10) + " bytes")
	}
	for i := range lengthBytes {
		text[i] = byte(n >> (8 * i))
	}
	return text, sizes, nil
}

func appendMetadata(text []byte, metadata map[string]string) ([]byte, error) {
	if len(metadata) == 0 {
		return text, nil
	}
	keys := make([]string, 0, len(metadata))
	for k := range metadata {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	text = append(appendJSON(text, metadataKey), ':', '{')
	for i, k := range keys {
		if !utf8.ValidString(k) || !utf8.ValidString(metadata[k]) {
			return nil, errors.New("metadata " + strconv.Quote(k) + " is not UTF-8")
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(appendJSON(text, k), ':')
		text = appendJSON(text, metadata[k])
	}
	return append(text, '}', ','), nil
}

func appendTensor(text []byte, t Source, begin, end int64) []byte {
	text = append(appendJSON(text, t.Name), `:{"dtype":`...)
	text = appendJSON(text, t.DType.String())
	text = append(text, `,"shape":[`...)
	for i, d := range t.Shape {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(d), 10)
	}
	text = append(text, `],"data_offsets":[`...)
	text = append(strconv.AppendInt(text, begin, 10), ',')
	text = strconv.AppendInt(text, end, 10)
	return append(text, "]},"...)
}

// sourceSize checks a tensor's description.
func sourceSize(t Source) (int64, error) {
	what := "tensor " + strconv.Quote(t.Name)
	switch {
	case t.Name == metadataKey || !utf8.ValidString(t.Name):
		return 0, errors.New(what + ": not a name that a file may hold")
	case t.DType == InvalidDType || t.DType >= numDTypes || t.DType.Bits()%8 != 0:
		return 0, errors.New(what + ": cannot write " + t.DType.MM())
	}
	n, err := Count(t.Shape)
	if err != nil || n > maxBytes/8 {
		return 0, errors.New(what + ": shape " + shapeText(t.Shape) + " cannot be written")
	}
	return int64(n) * int64(t.DType.Bits()/8), nil
}

// A countingWriter passes on at most the bytes that the header announced.
type countingWriter struct {
	w    io.Writer
	left int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > c.left {
		return 0, errors.New("more data than the shape has")
	}
	n, err := c.w.Write(p)
	c.left -= int64(n)
	return n, err
}
