package idx

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read1(b []byte) (any, []int, error) {
	t, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, nil, err
	}
	return t.Data, t.Shape, nil
}

func zip(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// The bytes are written out by hand from the format's description: two zeros, type, rank, big-endian dimensions and values.
var good = []struct {
	name  string
	bytes []byte
	shape []int
	data  any
}{
	{"bytes", []byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255}, []int{2, 3}, []uint8{1, 2, 3, 4, 5, 255}},
	{"signed", []byte{0, 0, 9, 1, 0, 0, 0, 1, 0xff}, []int{1}, []int8{-1}},
	{"int16", []byte{0, 0, 0xb, 1, 0, 0, 0, 1, 0xff, 0xfe}, []int{1}, []int16{-2}},
	{"int32", []byte{0, 0, 0xc, 1, 0, 0, 0, 1, 0, 0, 1, 0}, []int{1}, []int32{256}},
	{"float", []byte{0, 0, 0xd, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0}, []int{1}, []float32{1}},
	{"double", []byte{0, 0, 0xe, 1, 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0}, []int{1}, []float64{2}},
	{"empty", []byte{0, 0, 8, 1, 0, 0, 0, 0}, []int{0}, []uint8{}},
}

func TestRead(t *testing.T) {
	for _, c := range good {
		for kind, b := range map[string][]byte{"plain": c.bytes, "gzip": zip(c.bytes)} {
			data, shape, err := read1(b)
			require.NoError(t, err, c.name+" "+kind)
			assert.Equal(t, c.shape, shape, c.name)
			assert.Equal(t, c.data, data, c.name)
		}
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	for _, c := range good {
		for _, b := range [][]byte{c.bytes, zip(c.bytes)} {
			for n := range b {
				_, _, err := read1(b[:n])
				assert.Error(t, err, "%s cut to %d bytes", c.name, n)
			}
		}
		_, _, err := read1(append(bytes.Clone(c.bytes), 0))
		assert.ErrorContains(t, err, "more bytes follow", c.name)
	}
}

func TestHostileHeaders(t *testing.T) {
	huge := []byte{0, 0, 0xe, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	large := []byte{0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xff, 1}
	for name, c := range map[string]struct {
		bytes []byte
		says  string
	}{
		"magic":    {[]byte{1, 0, 8, 1, 0, 0, 0, 0}, "not an idx file"},
		"type":     {[]byte{0, 0, 7, 1, 0, 0, 0, 0}, "not an idx file"},
		"rank":     {[]byte{0, 0, 8, 255}, "rank 255"},
		"overflow": {huge, "too many elements"},
		"large":    {large, "unexpected EOF"},
		"zipped":   {zip(large), "unexpected EOF"},
	} {
		_, _, err := read1(c.bytes)
		assert.ErrorContains(t, err, c.says, name)
	}
}

func TestMissingFile(t *testing.T) {
	_, err := ReadFile(filepath.Join(t.TempDir(), "none.idx"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzRead(f *testing.F) {
	for _, c := range good {
		f.Add(c.bytes)
		f.Add(zip(c.bytes))
	}
	// DEFLATE shrinks at most 1032 times, and a growing slice is copied a few times.
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, err := Read(bytes.NewReader(b), int64(len(b)))
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > uint64(len(b))*1032*4+1<<20 {
			t.Fatalf("%d bytes of input made it allocate %d", len(b), spent)
		}
		if err == nil && x.Validate() != nil {
			t.Fatal(x.Validate())
		}
	})
}
