package rt

import (
	"errors"
	"strconv"
	"unsafe"
)

// Alignment of an arena's start, and of every offset a plan hands out: a cache line and an AVX-512 vector.
const Alignment = 64

// maxBytes bounds one allocation: what is below may fail for want of memory, but is a length that `make`
// accepts, so that a size from the outside never panics. A word of 32 bits leaves 1 GiB, and so does
// WebAssembly, whose int is wider than its memory.
const (
	wordIs64 = ^uint(0) >> 63 & addressIs64
	maxBytes = int(wordIs64)<<40 | int(1-wordIs64)<<30
)

// An Arena is the memory of a session: one block, aligned to a cache line, that grows when a call needs more
// than any before and is never given back in parts. Offsets into it come from the compiler's plan.
type Arena struct {
	Limit int // refuse to grow beyond so many bytes; 0 means what the machine has
	buf   []byte
}

// Grow makes room for a call that needs so many bytes. What an earlier call left in the arena may be lost, and
// views of it stay on the old block: generated code takes its views after Grow.
func (a *Arena) Grow(bytes int) error {
	if bytes <= len(a.buf) && bytes >= 0 {
		return nil
	}
	if err := a.admit(bytes); err != nil {
		return err
	}
	raw := make([]byte, bytes+Alignment-1)
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(raw))) & (Alignment - 1)
	a.buf = raw[skip : skip+uintptr(bytes) : skip+uintptr(bytes)]
	if Poison {
		a.Poison(0, bytes)
	}
	return nil
}

// admit refuses sizes that could only end the process.
func (a *Arena) admit(bytes int) error {
	switch {
	case bytes < 0 || bytes > maxBytes:
		return errors.New("these sizes need more memory than can be addressed")
	case a.Limit > 0 && bytes > a.Limit:
		return errors.New("these sizes need " + byteText(bytes) + " of working memory, over the limit of " + byteText(a.Limit))
	case bytes > largeArena:
		if have := machineMemory(); have > 0 && int64(bytes) > have {
			return errors.New("these sizes need " + byteText(bytes) + " of working memory, and the machine has " + byteText(int(have)))
		}
	}
	return nil
}

// Afford refuses a number of bytes that this machine cannot hold.
func Afford(bytes int) error { return new(Arena).admit(bytes) }

// largeArena is the size from which asking the system for its memory is worth the time.
const largeArena = 256 << 20

// Size is the number of bytes the arena holds.
func (a *Arena) Size() int { return len(a.buf) }

// View is n elements of the arena from a byte offset on. An offset that is not aligned to the element or a view
// that leaves the arena is a bug of the plan, and panics.
func View[T Elem](a *Arena, offset, n int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if offset%size != 0 {
		panic("rt: view at offset " + strconv.Itoa(offset) + " is not aligned")
	}
	if n == 0 {
		return nil
	}
	end := offset + n*size
	b := a.buf[offset:end:end]
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// Poison fills bytes of the arena with ones: NaN as a float of any width, -1 as an integer.
func (a *Arena) Poison(offset, bytes int) { fillOnes(a.buf[offset : offset+bytes]) }

// Bury poisons a view of the arena. Generated code calls it, under `if rt.Poison`, on buffers that die.
func Bury[T Elem](view []T) {
	var zero T
	fillOnes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(view))), len(view)*int(unsafe.Sizeof(zero))))
}

func fillOnes(b []byte) {
	for i := range b {
		b[i] = 0xFF
	}
}

// byteText writes a size for people: 1.5 GiB.
func byteText(n int) string {
	units := [...]string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	f, u := float64(n), 0
	for f >= 1024 && u < len(units)-1 {
		f, u = f/1024, u+1
	}
	return strconv.FormatFloat(f, 'f', min(u, 1), 64) + " " + units[u]
}
