package bulk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadWhatWriteWrote(t *testing.T) {
	want := make([]tensor.Half, 3*chunk/2/2+7) // more than one chunk, and not a multiple
	for i := range want {
		want[i] = tensor.Half(i * 31)
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b bytes.Buffer
		require.NoError(t, Write(&b, order, want))
		require.Equal(t, 2*len(want), b.Len())
		assert.Equal(t, order.Uint16([]byte{b.Bytes()[2], b.Bytes()[3]}), uint16(31))
		for _, size := range []int64{0, int64(b.Len())} { // growing and set aside at once
			got, err := Read[tensor.Half](bytes.NewReader(b.Bytes()), order, len(want), size)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
}

func TestShortStream(t *testing.T) {
	_, err := Read[float64](strings.NewReader(strings.Repeat("x", 100)), binary.LittleEndian, 1<<40, 100)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorIsKept(t *testing.T) {
	assert.ErrorContains(t, Write(failing{}, binary.LittleEndian, []bool{true}), "disk full")
}

func TestEnd(t *testing.T) {
	assert.NoError(t, End(strings.NewReader("")))
	assert.ErrorContains(t, End(strings.NewReader("x")), "more bytes")
}
