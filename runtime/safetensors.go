package rt

import (
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A SafeTensors is an open file of named tensors: eight bytes giving the length of a JSON header, the header, and
// the data, whose parts the header names. Opening one reads and checks the header alone. The checks are those of
// the format's description: offsets begin at 0 and leave neither holes nor overlaps, the last one ends the file,
// sizes agree with shapes, and no key comes twice.
//
// Opening allocates no more than the file's size and a constant, whatever the header claims.
type SafeTensors struct {
	Metadata map[string]string // the header's __metadata__; nil if there is none

	name    string // for errors; empty if there is no file
	source  io.ReaderAt
	closer  io.Closer
	data    int64   // where the data begins
	entries []Entry // in the order of the data
	byName  []int32 // indices of entries, sorted by name
}

// An Entry is what the header says of one tensor.
type Entry struct {
	Name   string
	DType  DType
	Shape  []int
	Offset int64 // from the start of the data
	Bytes  int64
}

// Count is the number of elements.
func (e Entry) Count() int { n, _ := Count(e.Shape); return n }

const (
	lengthBytes = 8
	maxHeader   = 100_000_000
	// headerSlack is the constant by which the tables made from a header may exceed the size of the data.
	headerSlack = 32 << 20
	metadataKey = "__metadata__"
)

// OpenSafeTensors opens a file. It must be closed.
func OpenSafeTensors(path string) (*SafeTensors, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New(path + ": not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	s, err := openSafeTensors(path, f, info.Size())
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	s.closer = f
	return s, nil
}

// ParseSafeTensors reads a file that is in memory; it shares data.
func ParseSafeTensors(data []byte) (*SafeTensors, error) {
	return openSafeTensors("", bytesAt(data), int64(len(data)))
}

// NewSafeTensors reads a file of the given size from r.
func NewSafeTensors(r io.ReaderAt, size int64) (*SafeTensors, error) {
	return openSafeTensors("", r, size)
}

// Close closes the file that OpenSafeTensors opened.
func (s *SafeTensors) Close() error {
	if s.closer == nil {
		return nil
	}
	return s.closer.Close()
}

// Entries lists the tensors in the order of their data, which is the fastest to read them in. It is not to be
// changed.
func (s *SafeTensors) Entries() []Entry { return s.entries }

// Lookup finds a tensor by its name.
func (s *SafeTensors) Lookup(name string) (Entry, bool) {
	i, found := slices.BinarySearchFunc(s.byName, name, func(i int32, name string) int {
		return strings.Compare(s.entries[i].Name, name)
	})
	if !found {
		return Entry{}, false
	}
	return s.entries[s.byName[i]], true
}

// fault is an error about this file.
func (s *SafeTensors) fault(msg string) error { return within(s.name, errors.New(msg)) }

func openSafeTensors(name string, r io.ReaderAt, size int64) (*SafeTensors, error) {
	if err := refuseBigEndian(); err != nil {
		return nil, err
	}
	s := &SafeTensors{name: name, source: r}
	text, err := s.readHeader(size)
	if err != nil {
		return nil, err
	}
	h := header{jsonText: jsonText{text: text}, budget: size - s.data + headerSlack}
	if err := h.parse(); err != nil {
		return nil, within(name, within("header", err))
	}
	s.Metadata, s.entries = h.metadata, h.entries
	if err := s.index(); err != nil {
		return nil, within(name, err)
	}
	if err := checkLayout(s.entries, size-s.data); err != nil {
		return nil, within(name, err)
	}
	return s, nil
}

// readHeader reads the header's text and sets where the data begins.
func (s *SafeTensors) readHeader(size int64) (string, error) {
	if size < lengthBytes {
		return "", s.fault("too short for a safetensors file: " + strconv.FormatInt(size, 10) + " bytes")
	}
	var prefix [lengthBytes]byte
	if err := readAt(s.source, prefix[:], 0); err != nil {
		return "", within(s.name, err)
	}
	n := le64(prefix[:])
	if n > maxHeader {
		return "", s.fault("header of " + strconv.FormatUint(n, 10) + " bytes: not a safetensors file, or over the limit of 100,000,000")
	}
	if int64(n) > size-lengthBytes {
		return "", s.fault("cut short: its header should have " + strconv.FormatUint(n, 10) + " bytes, the whole file has " + strconv.FormatInt(size, 10))
	}
	text := make([]byte, n)
	if err := readAt(s.source, text, lengthBytes); err != nil {
		return "", within(s.name, err)
	}
	if !utf8.Valid(text) {
		return "", s.fault("header is not UTF-8")
	}
	s.data = lengthBytes + int64(n)
	return unsafe.String(unsafe.SliceData(text), len(text)), nil // nobody else has text
}

// index sorts the entries by data and by name, and refuses a name that comes twice.
func (s *SafeTensors) index() error {
	slices.SortFunc(s.entries, func(a, b Entry) int {
		if a.Offset != b.Offset {
			return compare(a.Offset, b.Offset)
		}
		if a.Bytes != b.Bytes {
			return compare(a.Bytes, b.Bytes) // an empty tensor shares its offset with the next
		}
		return strings.Compare(a.Name, b.Name)
	})
	s.byName = make([]int32, len(s.entries))
	for i := range s.byName {
		s.byName[i] = int32(i)
	}
	slices.SortFunc(s.byName, func(a, b int32) int { return strings.Compare(s.entries[a].Name, s.entries[b].Name) })
	for i, e := range s.byName[min(1, len(s.byName)):] {
		if name := s.entries[e].Name; name == s.entries[s.byName[i]].Name {
			return errors.New("tensor " + strconv.Quote(name) + " is described twice")
		}
	}
	return nil
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// checkLayout asks that the entries, in order, cover the data exactly.
func checkLayout(entries []Entry, size int64) error {
	end := int64(0)
	for _, e := range entries {
		where := "tensor " + strconv.Quote(e.Name) + " begins at " + strconv.FormatInt(e.Offset, 10)
		switch {
		case e.Offset > end:
			return errors.New(where + " and leaves a hole after " + strconv.FormatInt(end, 10))
		case e.Offset < end:
			return errors.New(where + " and overlaps what ends at " + strconv.FormatInt(end, 10))
		}
		end += e.Bytes // cannot overflow: each entry ends where its header said, below 2^63
	}
	if end != size {
		return errors.New("the tensors take " + strconv.FormatInt(end, 10) + " bytes, the file holds " + strconv.FormatInt(size, 10))
	}
	return nil
}

// bytesAt is a file in memory.
type bytesAt []byte

func (b bytesAt) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at > int64(len(b)) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, b[at:])
	if n < len(p) {
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
}

// readAt fills p.
func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
