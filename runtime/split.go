package rt

// A Split cuts a kernel's iteration space into chunks along one axis. The cut depends on the space alone, never on the
// number of threads, so that results do not either. Kernels embed it.
type Split struct {
	axis   int
	chunks int
	size   int // of the axis
}

const (
	// maxSplit is the largest number of chunks: a few for each of sixteen threads.
	maxSplit = 64
	// minChunk is the work of the smallest chunk, in the unit of Cut: what is below is sooner done than shared out.
	minChunk = 1 << 16
)

// Cut chooses the axis and the number of chunks for a kernel of so many operations, where an operation is about a tenth of
// a nanosecond. It gets the extents of the parallel axes, 0 for one that must not be cut, and returns the number of chunks.
func (s *Split) Cut(work int, extents ...int) int {
	s.axis, s.chunks, s.size = 0, 1, 1
	for i, n := range extents {
		if n > s.size && s.size < maxSplit {
			s.axis, s.size = i, n
		}
	}
	s.chunks = max(1, min(s.size, maxSplit, work/minChunk))
	return s.chunks
}

// Range is the part of an axis of n positions that belongs to a chunk: all of it, unless it is the axis that was cut.
func (s *Split) Range(axis, chunk, n int) (from, to int) {
	if axis != s.axis || s.chunks == 1 {
		return 0, n
	}
	return chunk * n / s.chunks, (chunk + 1) * n / s.chunks
}

// Lanes is Range for the axis that vectors lie along: chunks begin at whole vectors. Cut counts such an axis in units of LaneUnit.
func (s *Split) Lanes(axis, chunk, n int) (from, to int) {
	from, to = s.Range(axis, chunk, n)
	if to < n {
		to &^= vectorLanes - 1
	}
	return from &^ (vectorLanes - 1), to
}

const (
	// vectorLanes is the most elements that a vector has.
	vectorLanes = 16
	// LaneUnit is the fewest elements on the vectors' axis that are worth a chunk.
	LaneUnit = 4 * vectorLanes
)

// Clip cuts n steps, of which step i stands at start + i*by, to those that stand inside of 0 .. size-1. by is positive.
func Clip(start, by, size, n int) (from, count int) {
	if start < 0 {
		from = (by - 1 - start) / by
	}
	to := n
	if last := size - start; last < by*n {
		to = (last + by - 1) / by
	}
	return from, max(0, to-from)
}

// From is s from an index on; an index outside gives the nearest end.
func From[T Elem](s []T, at int) []T { return s[max(0, min(at, len(s))):] }
