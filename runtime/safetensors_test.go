package rt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// corpus is the folder of outside test data, or a skip.
func corpus(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("MMC_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	dir := filepath.Join(root, "corpora", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus %s: set MMC_SHARED", name)
	}
	return dir
}

// TestSafeTensorsCorpus judges every file as the format's description and reference implementation do. Where the
// two differ on what to accept, the implementation is followed; where they differ on what to refuse, the text is.
func TestSafeTensorsCorpus(t *testing.T) {
	dir := corpus(t, "safetensors-cases")
	raw, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	require.NoError(t, err)
	var cases []struct{ File, Verdict, Note string }
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.Len(t, cases, 43)
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			path := filepath.Join(dir, "cases", c.File)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			accept := map[string]bool{"accept": true, "accept-by-implementation": true, "reject": false, "reject-by-spec": false}
			want, known := accept[c.Verdict]
			require.True(t, known)
			_, err = ParseSafeTensors(data)
			assert.Equal(t, want, err == nil, "%s: %v", c.Note, err)
			f, err := OpenSafeTensors(path)
			assert.Equal(t, want, err == nil, "%s: %v", c.Note, err)
			if err == nil {
				assert.NoError(t, f.Close())
			} else {
				assert.ErrorContains(t, err, c.File)
			}
		})
	}
}

// file makes a file of a header and so many data bytes 0, 1, 2 …
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range data {
		b = append(b, byte(i))
	}
	return b
}

// largeDim is what is said of a dim near 2^63 where an int has as many bits, and where it has fewer.
var largeDim = map[bool]string{true: "too large", false: "out of range"}[strconv.IntSize == 64]

func TestSafeTensorsRefuses(t *testing.T) {
	const fine = `"dtype":"U8","shape":[4],"data_offsets":[0,4]`
	for _, c := range []struct {
		name, header string
		data         int
		want         string
	}{
		{"no dtype", `{"a":{"shape":[4],"data_offsets":[0,4]}}`, 4, `tensor "a" lacks`},
		{"field twice", `{"a":{` + fine + `,"dtype":"U8"}}`, 4, "field twice"},
		{"metadata twice", `{"__metadata__":{},"__metadata__":{}}`, 0, "comes twice"},
		{"metadata key twice", `{"__metadata__":{"k":"1","k":"2"}}`, 0, `"k" comes twice`},
		{"same name, apart", `{"a":{` + fine + `},"b":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}`, 5, "described twice"},
		{"same name by escape", `{"a":{` + fine + `},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}`, 5, "described twice"},
		{"three offsets", `{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}`, 4, "3 numbers"},
		{"exponent", `{"a":{"dtype":"U8","shape":[4e0],"data_offsets":[0,4]}}`, 4, "not a fraction"},
		{"leading zero", `{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}`, 4, "leading zero"},
		{"minus zero", `{"a":{"dtype":"U8","shape":[4],"data_offsets":[-0,4]}}`, 4, "unsigned integer"},
		{"trailing comma", `{"a":{` + fine + `},}`, 4, `expected '"'`},
		{"trailing comma in shape", `{"a":{"dtype":"U8","shape":[4,],"data_offsets":[0,4]}}`, 4, "unsigned integer"},
		{"comment", `{/**/}`, 0, `expected '"'`},
		{"lone surrogate", `{"\ud800":{` + fine + `}}`, 4, "surrogate"},
		{"half surrogate pair", `{"\ud800\u0041":{` + fine + `}}`, 4, "surrogate"},
		{"raw control", "{\"a\n\":{" + fine + "}}", 4, "control character"},
		{"unknown escape", `{"\x":{` + fine + `}}`, 4, "unknown escape"},
		{"cut escape", `{"\u00`, 0, "escape"},
		{"no end", `{"a`, 0, "without an end"},
		{"null", `null`, 0, "expected '{'"},
		{"empty", ``, 0, "expected '{'"},
		{"only space", `   `, 0, "expected '{'"},
		{"deep unknown field", `{"a":{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `,` + fine + `}}`, 4, "too deeply"},
		{"shape too large", `{"a":{"dtype":"F64","shape":[4,576460752303423488],"data_offsets":[0,0]}}`, 0, largeDim},
		{"shorter than data", `{"a":{` + fine + `}}`, 5, "take 4 bytes, the file holds 5"},
		{"longer than data", `{"a":{` + fine + `}}`, 3, "take 4 bytes, the file holds 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseSafeTensors(file(c.header, c.data))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestSafeTensorsAccepts(t *testing.T) {
	s, err := ParseSafeTensors(file(` { "b" : {"shape":[2 ,2],"data_offsets":[1,5],"dtype":"U8"} ,
		"note":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1],"later":{"a":[true,null,"x",3]}}, "\ud83d\ude00":{"dtype":"F4","shape":[4],"data_offsets":[5,7]} }`, 7))
	require.NoError(t, err)
	b, ok := s.Lookup("b")
	require.True(t, ok)
	assert.Equal(t, Entry{"b", U8, []int{2, 2}, 1, 4}, b)
	var names []string
	for _, e := range s.Entries() {
		names = append(names, e.Name)
	}
	assert.Equal(t, []string{"note", "b", "😀"}, names, "in the order of the data")
	_, ok = s.Lookup("c")
	assert.False(t, ok)
	got, err := LoadTensor[uint8](s, "b")
	require.NoError(t, err)
	assert.Equal(t, []uint8{1, 2, 3, 4}, got.Data)
}

// TestSafeTensorsMemory holds the reader to its promise against headers made to break it.
func TestSafeTensorsMemory(t *testing.T) {
	many := func(item func(i int) string) []byte {
		var b strings.Builder
		b.WriteByte('{')
		for i := range 120_000 {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(item(i))
		}
		b.WriteByte('}')
		return []byte(b.String())
	}
	cases := map[string][]byte{
		"empty tensors": many(func(i int) string {
			return strconv.Quote(strconv.Itoa(i)) + `:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`
		}),
		"metadata": append(append([]byte(`{"__metadata__":`), many(func(i int) string {
			return strconv.Quote(strconv.Itoa(i)) + `:""`
		})...), '}'),
		"rank": []byte(`{"a":{"dtype":"U8","shape":[0` + strings.Repeat(",0", 2_000_000) + `],"data_offsets":[0,0]}}`),
	}
	for name, header := range cases {
		t.Run(name, func(t *testing.T) {
			data := file(string(header), 0)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := ParseSafeTensors(data)
			runtime.ReadMemStats(&after)
			t.Log(err)
			assert.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(len(data)+headerSlack+1<<20))
		})
	}
	t.Run("short file", func(t *testing.T) {
		data := append(binary.LittleEndian.AppendUint64(nil, maxHeader), '{', '}')
		assert.Less(t, testing.AllocsPerRun(1, func() { _, _ = ParseSafeTensors(data) }), 30.0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseSafeTensors(data)
		runtime.ReadMemStats(&after)
		assert.ErrorContains(t, err, "cut short")
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<16))
	})
}

func save(t *testing.T, metadata map[string]string, sources ...Source) *SafeTensors {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WriteSafeTensors(&b, metadata, sources))
	s, err := ParseSafeTensors(b.Bytes())
	require.NoError(t, err)
	return s
}

func tensor[T Elem](t *testing.T, data ...T) Tensor[T] {
	t.Helper()
	x, err := FromSlice(data, len(data))
	require.NoError(t, err)
	return x
}

func roundTrip[T Elem](t *testing.T, data ...T) {
	t.Helper()
	x := tensor(t, data...)
	got, err := LoadTensor[T](save(t, nil, SourceOf("x", x)), "x")
	require.NoError(t, err)
	assert.Equal(t, bytesOf(x.Data), bytesOf(got.Data))
	assert.Equal(t, x.Shape, got.Shape)
}

func TestSafeTensorsRoundTrip(t *testing.T) {
	roundTrip(t, 1.5, float32(math.Inf(1)), math.Float32frombits(0x7FA12345), 0)
	roundTrip(t, 1.5, math.Inf(-1), math.Float64frombits(0x7FF4000000012345))
	roundTrip[int32](t, math.MinInt32, 0, math.MaxInt32)
	roundTrip[int64](t, math.MinInt64, 0, math.MaxInt64)
	roundTrip[uint8](t, 0, 255)
	roundTrip(t, true, false)
	roundTrip[F16](t, 0x3C00, 0x7E01)
	roundTrip[BF16](t, 0x3F80, 0x7FC1)
	roundTrip[float32](t)
}

func TestSafeTensorsConverts(t *testing.T) {
	s := save(t, nil,
		SourceOf("f64", tensor(t, 0.1, math.MaxFloat64, -2)),
		SourceOf("f16", tensor[F16](t, 0x3C00, 0xC000, 0x0001)),
		SourceOf("bf16", tensor[BF16](t, 0x3F80, 0xC000)),
		SourceOf("i64", tensor[int64](t, 7, -1, 1<<40)),
		SourceOf("u8", tensor[uint8](t, 0, 1, 255)),
		SourceOf("bool", tensor(t, true, false)))
	f, err := LoadTensor[float32](s, "f64")
	require.NoError(t, err)
	assert.Equal(t, []float32{0.1, float32(math.Inf(1)), -2}, f.Data)
	f, err = LoadTensor[float32](s, "f16")
	require.NoError(t, err)
	assert.Equal(t, []float32{1, -2, 1.0 / (1 << 24)}, f.Data)
	f, err = LoadTensor[float32](s, "bf16")
	require.NoError(t, err)
	assert.Equal(t, []float32{1, -2}, f.Data)
	d, err := LoadTensor[float64](s, "i64")
	require.NoError(t, err)
	assert.Equal(t, []float64{7, -1, 1 << 40}, d.Data)
	i, err := LoadTensor[int32](s, "u8")
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 1, 255}, i.Data)
	u, err := LoadTensor[uint8](s, "bool")
	require.NoError(t, err)
	assert.Equal(t, []uint8{1, 0}, u.Data)

	_, err = LoadTensor[int32](s, "i64")
	assert.EqualError(t, err, `tensor "i64": element 2 does not fit into i32`)
	_, err = LoadTensor[bool](s, "u8")
	assert.EqualError(t, err, `tensor "u8": element 2 does not fit into bool`)
	_, err = LoadTensor[int32](s, "f64")
	assert.EqualError(t, err, `tensor "f64" is f64, which does not become i32`)
	h, err := LoadTensor[F16](s, "f64")
	require.NoError(t, err)
	assert.Equal(t, []F16{0x2E66, 0x7C00, 0xC000}, h.Data)
	b, err := LoadTensor[BF16](s, "i64")
	require.NoError(t, err)
	assert.Equal(t, []BF16{0x40E0, 0xBF80, 0x5380}, b.Data)
	_, err = LoadTensor[int32](s, "none")
	assert.EqualError(t, err, `no tensor "none"`)
	e, _ := s.Lookup("u8")
	assert.EqualError(t, ReadTensor(s, e, make([]uint8, 2)), `tensor "u8" has 3 elements, not 2`)
}

// TestSafeTensorsEveryType reads each storable type from bytes written down by hand.
func TestSafeTensorsEveryType(t *testing.T) {
	for _, c := range []struct {
		dtype string
		raw   []byte
		want  float64
	}{
		{"BOOL", []byte{1}, 1}, {"U8", []byte{200}, 200}, {"I8", []byte{0xFE}, -2},
		{"U16", []byte{0x34, 0x12}, 0x1234}, {"I16", []byte{0xFF, 0xFF}, -1},
		{"U32", []byte{0, 0, 0, 0x80}, 1 << 31}, {"I32", []byte{0, 0, 0, 0x80}, -1 << 31},
		{"U64", []byte{0, 0, 0, 0, 1, 0, 0, 0}, 1 << 32}, {"I64", []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, -1},
		{"F16", []byte{0x00, 0x42}, 3}, {"BF16", []byte{0x40, 0x40}, 3}, {"F32", []byte{0, 0, 0x40, 0x40}, 3},
		{"F64", []byte{0, 0, 0, 0, 0, 0, 0x08, 0x40}, 3},
	} {
		header := `{"x":{"dtype":"` + c.dtype + `","shape":[],"data_offsets":[0,` + strconv.Itoa(len(c.raw)) + `]}}`
		s, err := ParseSafeTensors(append(file(header, 0), c.raw...))
		require.NoError(t, err, c.dtype)
		got, err := LoadTensor[float64](s, "x")
		require.NoError(t, err, c.dtype)
		assert.Equal(t, c.want, got.Data[0], c.dtype)
	}
	s, err := ParseSafeTensors(append(file(`{"x":{"dtype":"U64","shape":[],"data_offsets":[0,8]}}`, 0), 0, 0, 0, 0, 0, 0, 0, 0x80))
	require.NoError(t, err)
	_, err = LoadTensor[float64](s, "x")
	assert.ErrorContains(t, err, "does not fit")
	s, err = ParseSafeTensors(file(`{"x":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}`, 1))
	require.NoError(t, err)
	_, err = LoadTensor[float32](s, "x")
	assert.ErrorContains(t, err, "f8e4m3")
}

// A tensor longer than the conversion buffer, at an odd offset.
func TestSafeTensorsConvertsInPieces(t *testing.T) {
	const n = 100_003
	data := make([]byte, 2*n)
	want := make([]float32, n)
	for i := range n {
		h := BF16(i)
		data[2*i], data[2*i+1] = byte(h), byte(h>>8)
		want[i] = h.Float32()
	}
	header := `{"o":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"BF16","shape":[` + strconv.Itoa(n) +
		`],"data_offsets":[1,` + strconv.Itoa(2*n+1) + `]}}`
	s, err := ParseSafeTensors(append(file(header, 1), data...))
	require.NoError(t, err)
	got, err := LoadTensor[float32](s, "x")
	require.NoError(t, err)
	for i := range want {
		if want[i] == want[i] {
			require.Equal(t, want[i], got.Data[i], i)
		} else {
			require.True(t, got.Data[i] != got.Data[i], i)
		}
	}
}

func TestWriteSafeTensorsIsDeterministic(t *testing.T) {
	a, b, c := SourceOf("a", tensor[uint8](t, 1, 2, 3)), SourceOf("b", tensor[float32](t, 1)), SourceOf("c", tensor(t, 2.0))
	meta := map[string]string{"z": "1", "a": "\"\\\n\x01é", "m": ""}
	var first []byte
	for _, order := range [][]Source{{a, b, c}, {c, b, a}, {b, a, c}} {
		var buf bytes.Buffer
		require.NoError(t, WriteSafeTensors(&buf, meta, order))
		if first == nil {
			first = buf.Bytes()
		}
		assert.Equal(t, first, buf.Bytes())
	}
	n := binary.LittleEndian.Uint64(first)
	assert.Zero(t, n%8)
	// An independent parser agrees on the header.
	var header map[string]any
	require.NoError(t, json.Unmarshal(first[8:8+n], &header))
	assert.Equal(t, map[string]any{"z": "1", "a": "\"\\\n\x01é", "m": ""}, header["__metadata__"])
	s, err := ParseSafeTensors(first)
	require.NoError(t, err)
	assert.Equal(t, meta, s.Metadata)
	for _, e := range s.Entries() {
		assert.Zero(t, e.Offset%int64(e.DType.Bits()/8), e.Name)
	}
}

func TestWriteSafeTensorsRefuses(t *testing.T) {
	fine := SourceOf("x", tensor[uint8](t, 1, 2, 3))
	short, long := fine, fine
	short.Shape, long.Shape = []int{4}, []int{2}
	for want, sources := range map[string][]Source{
		"written twice":             {fine, fine},
		"1 bytes are missing":       {short},
		"more data than the shape":  {long},
		"not a name":                {SourceOf("__metadata__", tensor[uint8](t))},
		`"\xff": not a name`:        {SourceOf("\xff", tensor[uint8](t))},
		"cannot be written":         {{Name: "x", DType: U8, Shape: []int{-1}}},
		"cannot write invalid":      {{Name: "x"}},
		`tensor "x": no more paper`: {{Name: "x", DType: U8, Shape: []int{1}, Write: func(w io.Writer) error { return errors.New("no more paper") }}},
	} {
		assert.ErrorContains(t, WriteSafeTensors(&bytes.Buffer{}, nil, sources), want)
	}
	assert.ErrorContains(t, WriteSafeTensors(&bytes.Buffer{}, map[string]string{"a": "\xff"}, nil), "not UTF-8")
}

func BenchmarkReadBF16(b *testing.B) {
	var file bytes.Buffer
	x, _ := New[BF16](1 << 20)
	require.NoError(b, WriteSafeTensors(&file, nil, []Source{SourceOf("x", x)}))
	s, err := ParseSafeTensors(file.Bytes())
	require.NoError(b, err)
	dst := make([]float32, 1<<20)
	b.SetBytes(1 << 21)
	for b.Loop() {
		_ = ReadTensor(s, s.Entries()[0], dst)
	}
}

// agreesWithEncodingJSON has an accepted header read by another parser, which must find the same.
func agreesWithEncodingJSON(t *testing.T, header []byte, s *SafeTensors) {
	t.Helper()
	var want map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(header, &want))
	if raw, ok := want[metadataKey]; ok {
		var metadata map[string]string
		require.NoError(t, json.Unmarshal(raw, &metadata))
		require.Equal(t, metadata, s.Metadata)
		delete(want, metadataKey)
	}
	require.Len(t, s.Entries(), len(want))
	for _, e := range s.Entries() {
		var info struct {
			DType   string
			Shape   []int
			Offsets [2]int64
		}
		fields := map[string]json.RawMessage{} // by exact name: a struct would match any case
		require.NoError(t, json.Unmarshal(want[e.Name], &fields))
		require.NoError(t, json.Unmarshal(fields["dtype"], &info.DType))
		require.NoError(t, json.Unmarshal(fields["shape"], &info.Shape))
		require.NoError(t, json.Unmarshal(fields["data_offsets"], &info.Offsets))
		require.Equal(t, info.DType, e.DType.String())
		require.Equal(t, info.Shape, e.Shape)
		require.Equal(t, info.Offsets, [2]int64{e.Offset, e.Offset + e.Bytes})
	}
}

// FuzzJSONString writes names as JSON and has another parser read them.
func FuzzJSONString(f *testing.F) {
	f.Add("layer1.0.conv1.weight")
	f.Add("\"\\\n\x00\x1f\x7f\u2028😀")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		text := appendJSON(nil, s)
		var got string
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, s, got)
		j := jsonText{text: string(text)}
		require.Equal(t, s, j.str())
		j.end()
		require.NoError(t, j.err)
	})
}

func FuzzSafeTensors(f *testing.F) {
	f.Add(file(`{}`, 0))
	f.Add(file(`{"__metadata__":{"a":"\u00e9"},"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"y":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}`, 9))
	f.Add(file(`{"x":{"dtype":"F4","shape":[2],"data_offsets":[0,1],"k":[{"a":null}]}}`, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSafeTensors(data)
		if err != nil {
			return
		}
		agreesWithEncodingJSON(t, data[8:s.data], s)
		var sources []Source
		for _, e := range s.Entries() {
			if e.Offset < 0 || e.Bytes < 0 || s.data+e.Offset+e.Bytes > int64(len(data)) {
				t.Fatalf("%v leaves the file", e)
			}
			raw := make([]byte, e.Bytes)
			if err := readAt(s.source, raw, s.data+e.Offset); err != nil {
				t.Fatal(err)
			}
			if e.DType.Bits()%8 == 0 {
				sources = append(sources, Source{e.Name, e.DType, e.Shape, func(w io.Writer) error { _, err := w.Write(raw); return err }})
			}
			_, _ = LoadTensor[float32](s, e.Name)
			_, _ = LoadTensor[bool](s, e.Name)
			_, _ = LoadTensor[uint8](s, e.Name)
		}
		// What was accepted can be written, and reads back the same.
		var b bytes.Buffer
		if err := WriteSafeTensors(&b, s.Metadata, sources); err != nil {
			t.Fatal(err)
		}
		again, err := ParseSafeTensors(b.Bytes())
		if err != nil {
			t.Fatalf("%v\n%q", err, b.Bytes())
		}
		for _, src := range sources {
			e, ok := again.Lookup(src.Name)
			if !ok || e.DType != src.DType || !SameShape(e.Shape, src.Shape) {
				t.Fatalf("%q: %v", src.Name, e)
			}
		}
	})
}
