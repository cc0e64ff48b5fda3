package rt

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Chunks on the vectors' axis cover it once, each beginning at a whole vector.
func TestLanesCover(t *testing.T) {
	for _, n := range []int{1, 15, 63, 64, 65, 1000, 4096, 100003} {
		var s Split
		chunks, end := s.Cut(1000*minChunk, n/LaneUnit), 0
		for c := range chunks {
			from, to := s.Lanes(0, c, n)
			require.Equal(t, end, from)
			require.Zero(t, from%vectorLanes)
			require.Greater(t, to, from)
			end = to
		}
		require.Equal(t, n, end)
	}
}

// Clip keeps exactly the steps that stand inside.
func TestClip(t *testing.T) {
	for start := -9; start < 9; start++ {
		for by := 1; by < 4; by++ {
			for size := range 8 {
				for n := range 6 {
					from, count := Clip(start, by, size, n)
					for i := range n {
						at := start + i*by
						require.Equal(t, at >= 0 && at < size, i >= from && i < from+count, "%d %d %d %d: step %d", start, by, size, n, i)
					}
				}
			}
		}
	}
}
