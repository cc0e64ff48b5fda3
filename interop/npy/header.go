package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"mmc/interop/tensor"
)

const magic = "\x93NUMPY"

// maxHeader is far above any header that NumPy writes (a line of some hundred bytes).
const maxHeader = 1 << 16

// maxRank is NumPy's own limit.
const maxRank = 64

// header is the dictionary in front of the data.
type header struct {
	order   binary.ByteOrder
	kind    string // type and size, as in f4
	fortran bool
	shape   []int
}

// width is the size of an element in bytes.
func (h header) width() int { return int(h.kind[len(h.kind)-1] - '0') }

func readHeader(r io.Reader) (header, error) {
	var fixed [8]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil || string(fixed[:6]) != magic {
		return header{}, errors.New("not an .npy file: no \\x93NUMPY at its start")
	}
	size, err := headerSize(r, fixed[6])
	if err != nil {
		return header{}, err
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, fmt.Errorf(".npy header of %d bytes: %w", size, io.ErrUnexpectedEOF)
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return header{}, fmt.Errorf(".npy header: %w", err)
	}
	return h, nil
}

func headerSize(r io.Reader, version byte) (uint32, error) {
	width := map[byte]int{1: 2, 2: 4, 3: 4}[version]
	if width == 0 {
		return 0, fmt.Errorf(".npy format version %d is not known", version)
	}
	var b [4]byte
	if _, err := io.ReadFull(r, b[:width]); err != nil {
		return 0, fmt.Errorf(".npy header: %w", io.ErrUnexpectedEOF)
	}
	size := binary.LittleEndian.Uint32(b[:])
	if size > maxHeader {
		return 0, fmt.Errorf(".npy header of %d bytes: at most %d are read", size, maxHeader)
	}
	return size, nil
}

// parseHeader reads the Python dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, keys in any order.
func parseHeader(text string) (header, error) {
	s := scanner{text: text}
	var h header
	var seen []string
	s.expect("{")
	for s.err == nil && !s.accept("}") {
		key := s.quoted()
		s.expect(":")
		switch key {
		case "descr":
			h.order, h.kind = s.descr()
		case "fortran_order":
			h.fortran = s.boolean()
		case "shape":
			h.shape = s.tuple()
		default:
			s.fail("key %q", key)
		}
		seen = append(seen, key)
		if !s.accept(",") {
			s.expect("}")
			break
		}
	}
	if s.err == nil && strings.TrimSpace(s.text) != "" {
		s.fail("text after the dictionary")
	}
	if s.err == nil && (len(seen) != 3 || seen[0] == seen[1] || seen[1] == seen[2] || seen[0] == seen[2]) {
		s.fail("keys %q, want descr, fortran_order and shape", seen)
	}
	return h, s.err
}

// scanner eats the text from its front and keeps the first error.
type scanner struct {
	text string
	err  error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

func (s *scanner) accept(token string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(s.text, " \t\r\n"), token)
	if ok && s.err == nil {
		s.text = rest
		return true
	}
	return false
}

func (s *scanner) expect(token string) {
	if !s.accept(token) {
		s.fail("%q expected at %.20q", token, s.text)
	}
}

func (s *scanner) quoted() string {
	for _, quote := range []string{"'", `"`} {
		if s.accept(quote) {
			word, rest, ok := strings.Cut(s.text, quote)
			if ok {
				s.text = rest
				return word
			}
		}
	}
	s.fail("a string expected at %.20q", s.text)
	return ""
}

func (s *scanner) descr() (binary.ByteOrder, string) {
	if s.accept("[") {
		s.fail("records (structured dtypes) are not read")
		return nil, ""
	}
	d := s.quoted()
	if d == "" {
		s.fail("empty descr")
		return nil, ""
	}
	order := map[byte]binary.ByteOrder{'<': binary.LittleEndian, '>': binary.BigEndian, '|': binary.LittleEndian}[d[0]]
	if order == nil || codecs[d[1:]].read == nil {
		s.fail("elements of type %q are not read", d)
	}
	return order, d[1:]
}

func (s *scanner) boolean() bool {
	if s.accept("True") {
		return true
	}
	s.expect("False")
	return false
}

func (s *scanner) tuple() []int {
	shape := []int{}
	s.expect("(")
	for s.err == nil && !s.accept(")") {
		shape = append(shape, s.integer())
		if !s.accept(",") {
			s.expect(")")
			break
		}
	}
	if len(shape) > maxRank {
		s.fail("%d dimensions, at most %d are read", len(shape), maxRank)
	}
	return shape
}

func (s *scanner) integer() int {
	s.text = strings.TrimLeft(s.text, " ")
	digits := s.text[:len(s.text)-len(strings.TrimLeft(s.text, "0123456789"))]
	n, err := strconv.Atoi(digits)
	if err != nil {
		s.fail("a dimension expected at %.20q", s.text)
	}
	s.text = strings.TrimPrefix(s.text[len(digits):], "L") // Python 2 wrote long integers as 3L
	return n
}

// writeHeader writes a version 1.0 header, padded so that the data starts at a multiple of 64 bytes.
func writeHeader(w io.Writer, kind string, shape []int) error {
	order := "<"
	if strings.HasSuffix(kind, "1") {
		order = "|"
	}
	dims := strings.Trim(tensor.Dims(shape), "[]")
	if len(shape) == 1 {
		dims += ","
	}
	text := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, kind, dims)
	const before = len(magic) + 4
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"
	size := binary.LittleEndian.AppendUint16(nil, uint16(len(text)))
	_, err := io.WriteString(w, magic+"\x01\x00"+string(size)+text)
	return err
}
