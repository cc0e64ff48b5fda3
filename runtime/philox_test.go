package rt

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The known answers of the Random123 distribution for philox4x32-10.
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xFFFFFFFF
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{ones, ones, ones, ones}, [2]uint32{ones, ones}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		assert.Equal(t, c.want, Philox(c.counter, c.key), "counter %x key %x", c.counter, c.key)
	}
}

// FNV-1a of "a" and "foobar" are published; mix64 of 0 is the first output of SplitMix64 seeded with 0.
func TestHash64Parts(t *testing.T) {
	assert.Equal(t, uint64(0xE220A8397B1DCDAF), mix64(0))
	assert.Equal(t, mix64(0xaf63dc4c8601ec8c^mix64(7)), Hash64(7, "a"))
	assert.Equal(t, mix64(0x85944171f73967e8^mix64(7)), Hash64(7, "foobar"))
}

func TestHash64Spreads(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(100) {
		for _, name := range []string{"", "a", "b", "h.0.keep", "h.1.keep", "h.10.keep"} {
			seen[Hash64(seed, name)] = true
		}
	}
	assert.Len(t, seen, 600)
}

func BenchmarkPhilox(b *testing.B) {
	var c [4]uint32
	for b.Loop() {
		c = Philox(c, [2]uint32{1, 2})
	}
}
