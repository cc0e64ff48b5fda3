package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mmc/interop/tensor"

	"github.com/sbinet/npyio"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// file builds a version 1.0 file around a header as text.
func file(header string, data ...byte) []byte {
	b := []byte("\x93NUMPY\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	return append(append(b, header...), data...)
}

func decode(b []byte) (*tensor.Tensor, error) { return Read(bytes.NewReader(b), int64(len(b))) }

// All bytes are written out by hand from the format's description.
var good = []struct {
	name  string
	bytes []byte
	shape []int
	data  any
}{
	{"f4", file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0), []int{2}, []float32{1, -2}},
	{"f4 big", file("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 0x3f, 0x80, 0, 0), []int{1}, []float32{1}},
	{"f8", file("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", 0, 0, 0, 0, 0, 0, 0xf0, 0x3f), []int{}, []float64{1}},
	{"f2", file("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", 0, 0x3c), []int{1}, []tensor.Half{0x3c00}},
	{"i1", file("{'descr': '|i1', 'fortran_order': False, 'shape': (1,), }", 0xff), []int{1}, []int8{-1}},
	{"i2", file("{'descr': '<i2', 'fortran_order': False, 'shape': (1,), }", 0xfe, 0xff), []int{1}, []int16{-2}},
	{"i4 big", file("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", 0, 0, 1, 2), []int{1}, []int32{258}},
	{"i8", file("{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }", 1, 0, 0, 0, 0, 0, 0, 0x80), []int{1, 1}, []int64{-1<<63 + 1}},
	{"u1 fortran", file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 1, 4, 2, 5, 3, 6), []int{2, 3}, []uint8{1, 2, 3, 4, 5, 6}},
	{"u2", file("{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }", 0, 0xff), []int{1}, []uint16{0xff00}},
	{"u4", file("{'descr': '<u4', 'fortran_order': False, 'shape': (1,), }", 0, 0, 0, 0xff), []int{1}, []uint32{0xff000000}},
	{"u8", file("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", 0, 0, 0, 0, 0, 0, 0, 0xff), []int{1}, []uint64{0xff << 56}},
	{"b1", file("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", 0, 1, 0), []int{3}, []bool{false, true, false}},
	{"empty", file("{'descr': '<f4', 'fortran_order': True, 'shape': (0, 3), }"), []int{0, 3}, []float32{}},
	{"order of keys", file(`{"shape":(2L,),"fortran_order":False,"descr":"|u1"}`, 7, 8), []int{2}, []uint8{7, 8}},
	{"version 2", []byte("\x93NUMPY\x02\x00\x37\x00\x00\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\x05"), []int{1}, []uint8{5}},
}

func TestRead(t *testing.T) {
	for _, c := range good {
		x, err := decode(c.bytes)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.shape, x.Shape, c.name)
		assert.Equal(t, c.data, x.Data, c.name)
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	for _, c := range good {
		for n := range c.bytes {
			_, err := decode(c.bytes[:n])
			assert.Error(t, err, "%s cut to %d bytes", c.name, n)
		}
		_, err := decode(append(bytes.Clone(c.bytes), 0))
		assert.ErrorContains(t, err, "more bytes follow", c.name)
	}
}

func TestHostileHeaders(t *testing.T) {
	for header, says := range map[string]string{
		"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }":                                       `type "|O"`,
		"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }":                                      `type "<c8"`,
		"{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }":                                      `type "<U3"`,
		"{'descr': '', 'fortran_order': False, 'shape': (1,), }":                                         "empty descr",
		"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }":                             "records",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }":                                     "a dimension expected",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }":                   "a dimension expected",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }":                  "too many elements",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }":                          "unexpected EOF",
		"{'descr': '<f4', 'fortran_order': False, }":                                                     "want descr, fortran_order and shape",
		"{'descr': '<f4', 'descr': '<f4', 'shape': (1,), }":                                              "want descr, fortran_order and shape",
		"{'descr': '<f4', 'fortran_order': maybe, 'shape': (1,), }":                                      `"False" expected`,
		"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}":                                `key "x"`,
		"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } import os":                            "text after",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", maxRank+1) + "), }": "65 dimensions",
		"": `"{" expected`,
	} {
		_, err := decode(file(header))
		assert.ErrorContains(t, err, says, header)
	}
	_, err := decode([]byte("\x93NUMPY\x09\x00"))
	assert.ErrorContains(t, err, "version 9")
	_, err = decode([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"))
	assert.ErrorContains(t, err, "4294967295 bytes")
}

func TestFortranOrderOfThreeAxes(t *testing.T) {
	// value at (i, j, k) is 100i + 10j + k, stored with i fastest
	var column []int
	for k := range 4 {
		for j := range 3 {
			for i := range 2 {
				column = append(column, 100*i+10*j+k)
			}
		}
	}
	row := fromFortran(column, []int{2, 3, 4})
	at := 0
	for i := range 2 {
		for j := range 3 {
			for k := range 4 {
				assert.Equal(t, 100*i+10*j+k, row[at])
				at++
			}
		}
	}
}

// The independent library npyio must read what is written here.
func TestPeerReadsOurs(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, &tensor.Tensor{Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4.5}}))
	r, err := npyio.NewReader(&b)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 2}, r.Header.Descr.Shape)
	var got []float32
	require.NoError(t, r.Read(&got))
	assert.Equal(t, []float32{1, 2, 3, 4.5}, got)
}

func TestWeReadThePeers(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, npyio.Write(&b, []int64{5, -6}))
	x, err := decode(b.Bytes())
	require.NoError(t, err)
	assert.Equal(t, []int64{5, -6}, x.Data)
}

func TestWriteAndReadEveryType(t *testing.T) {
	var named []tensor.Named
	for _, c := range good {
		want := &tensor.Tensor{Shape: c.shape, Data: c.data}
		named = append(named, tensor.Named{Name: c.name, Tensor: want})
		var b bytes.Buffer
		require.NoError(t, Write(&b, want), c.name)
		assert.Zero(t, (b.Len()-want.Bytes())%64, "the data is aligned")
		x, err := decode(b.Bytes())
		require.NoError(t, err, c.name)
		assert.Equal(t, want, x, c.name)
	}
	var b bytes.Buffer
	require.NoError(t, WriteArchive(&b, named))
	all, err := ReadArchive(bytes.NewReader(b.Bytes()), int64(b.Len()), Ask{})
	require.NoError(t, err)
	assert.Equal(t, named, all)
	for n := 0; n < b.Len(); n += 37 {
		_, err := ReadArchive(bytes.NewReader(b.Bytes()[:n]), int64(n), Ask{})
		assert.Error(t, err, "archive cut to %d bytes", n)
	}
}

func TestWriteRefuses(t *testing.T) {
	assert.ErrorContains(t, Write(io.Discard, &tensor.Tensor{Shape: []int{1}, Data: []tensor.BHalf{1}}), "no bf16")
	assert.ErrorContains(t, Write(io.Discard, &tensor.Tensor{Shape: []int{2}, Data: []float32{1}}), "2 elements")
	assert.ErrorContains(t, Write(full{}, &tensor.Tensor{Shape: []int{1}, Data: []float32{1}}), "no space")
	one := tensor.Named{Name: "x", Tensor: &tensor.Tensor{Shape: []int{1}, Data: []float32{1}}}
	assert.ErrorContains(t, WriteArchive(full{}, []tensor.Named{one}), "no space")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestArchiveRefuses(t *testing.T) {
	one := tensor.Named{Name: "x", Tensor: &tensor.Tensor{Shape: []int{1}, Data: []float32{1}}}
	var b bytes.Buffer
	require.NoError(t, WriteArchive(&b, []tensor.Named{one, one}))
	_, err := ReadArchive(bytes.NewReader(b.Bytes()), int64(b.Len()), Ask{})
	assert.ErrorContains(t, err, `two entries "x"`)
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadFile(filepath.Join(dir, "none.npy"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadArchiveFile(filepath.Join(dir, "none.npz"), Ask{})
	assert.ErrorIs(t, err, os.ErrNotExist)
	path := filepath.Join(dir, "cut.npy")
	require.NoError(t, os.WriteFile(path, good[0].bytes[:70], 0o644))
	_, err = ReadFile(path)
	assert.ErrorContains(t, err, "cut.npy: ")
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func FuzzRead(f *testing.F) {
	for _, c := range good {
		f.Add(c.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := decode(b)
		if err != nil {
			return
		}
		require.NoError(t, x.Validate())
		require.LessOrEqual(t, x.Bytes(), len(b))
		var again bytes.Buffer
		require.NoError(t, Write(&again, x))
		y, err := decode(again.Bytes())
		require.NoError(t, err)
		require.Equal(t, x.Shape, y.Shape)
	})
}

func FuzzReadArchive(f *testing.F) {
	var b bytes.Buffer
	x := &tensor.Tensor{Shape: []int{1}, Data: []float32{1}}
	require.NoError(f, WriteArchive(&b, []tensor.Named{{Name: "x", Tensor: x}, {Name: "y", Tensor: x}}))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := ReadArchive(bytes.NewReader(b), int64(len(b)), Ask{})
		for _, x := range all {
			require.NoError(t, err)
			require.NoError(t, x.Validate())
		}
	})
}
