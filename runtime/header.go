package rt

import (
	"math"
	"strconv"
	"unsafe"
)

// A header is the reader's state while it walks the JSON text.
type header struct {
	jsonText
	budget   int64 // bytes that the tables may still take
	entries  []Entry
	metadata map[string]string
	dims     []int // the shape being read
}

func (h *header) parse() error {
	seenMetadata := false
	h.object(func(key string) {
		if key != metadataKey {
			h.tensor(key)
			return
		}
		if seenMetadata {
			h.fail(metadataKey + " comes twice")
		}
		seenMetadata = true
		h.readMetadata()
	})
	h.end()
	return h.err
}

// spend refuses a header whose tables would outgrow the file. Tables grow by doubling: the last of them may be
// half empty, and its predecessors take as much again; a shape is copied once more.
func (h *header) spend(bytes int) {
	const growth = 5
	if h.budget -= growth * int64(bytes); h.budget < 0 {
		h.fail("more tensors and dims than a file of this size may have")
	}
}

// push is append by doubling, which spend counts on; append itself grows long slices by less.
func push[T any](s []T, v T) []T {
	if len(s) == cap(s) {
		s = append(make([]T, 0, max(2*len(s), 8)), s...)
	}
	return append(s, v)
}

func (h *header) readMetadata() {
	h.metadata = map[string]string{}
	h.object(func(key string) {
		if _, twice := h.metadata[key]; twice {
			h.fail("metadata " + strconv.Quote(key) + " comes twice")
		}
		value := h.str()
		const pair = 2 * unsafe.Sizeof("")
		h.spend(2*int(pair) + len(key) + len(value)) // a map is filled by half at worst
		if h.err == nil {
			h.metadata[key] = value
		}
	})
}

// Which fields of a tensor's description have been read.
const (
	hasDType = 1 << iota
	hasShape
	hasOffsets
	hasAll = hasDType | hasShape | hasOffsets
)

func (h *header) tensor(name string) {
	e, seen := Entry{Name: name}, 0
	field := func(bit int) {
		if seen&bit != 0 {
			h.fail("tensor " + strconv.Quote(name) + " has a field twice")
		}
		seen |= bit
	}
	h.object(func(key string) {
		switch key {
		case "dtype":
			field(hasDType)
			e.DType = h.dtype()
		case "shape":
			field(hasShape)
			e.Shape = h.shape()
		case "data_offsets":
			field(hasOffsets)
			e.Offset, e.Bytes = h.offsets()
		default:
			h.skip()
		}
	})
	if h.err == nil && seen != hasAll {
		h.fail("tensor " + strconv.Quote(name) + " lacks one of dtype, shape and data_offsets")
	}
	h.spend(int(unsafe.Sizeof(e)) + len(name) + 4)
	if h.err == nil {
		h.checkSize(e)
		h.entries = push(h.entries, e)
	}
}

func (h *header) dtype() DType {
	name := h.str()
	d, known := ParseDType(name)
	if h.err == nil && !known {
		h.fail("unknown dtype " + strconv.Quote(name))
	}
	return d
}

func (h *header) shape() []int {
	h.dims = h.dims[:0]
	h.array(func() {
		d := h.uint()
		if d > math.MaxInt {
			h.fail("dim out of range")
		}
		h.spend(8)
		if h.err == nil {
			h.dims = push(h.dims, int(d))
		}
	})
	return append(make([]int, 0, len(h.dims)), h.dims...)
}

func (h *header) offsets() (begin, bytes int64) {
	var pair [2]int64
	n := 0
	h.array(func() {
		v := h.uint()
		if n < len(pair) {
			pair[n] = v
		}
		n++
	})
	switch {
	case h.err != nil:
	case n != len(pair):
		h.fail("data_offsets has " + strconv.Itoa(n) + " numbers, not 2")
	case pair[1] < pair[0]:
		h.fail("data_offsets ends before it begins")
	}
	return pair[0], pair[1] - pair[0]
}

// checkSize asks that an entry's bytes are those of its shape.
func (h *header) checkSize(e Entry) {
	n, err := Count(e.Shape)
	bits := int64(e.DType.Bits())
	switch tensor := "tensor " + strconv.Quote(e.Name); {
	case err != nil || int64(n) > math.MaxInt64/bits:
		h.fail(tensor + ": shape " + shapeText(e.Shape) + " is too large")
	case int64(n)*bits%8 != 0:
		h.fail(tensor + " does not end on a byte")
	case int64(n)*bits/8 != e.Bytes:
		h.fail(tensor + ": shape " + shapeText(e.Shape) + " of " + e.DType.String() + " needs " +
			strconv.FormatInt(int64(n)*bits/8, 10) + " bytes, its offsets span " + strconv.FormatInt(e.Bytes, 10))
	}
}
