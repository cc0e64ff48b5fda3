package interop

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"mmc/interop/internal/bulk"
	"mmc/interop/tensor"
	rt "mmc/runtime"
)

func readSafeTensors(path string, want Want) ([]Named, error) {
	s, err := rt.OpenSafeTensors(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	entries := s.Entries()
	if e, ok := s.Lookup(want.Name); ok {
		entries = []rt.Entry{e} // the others, perhaps gigabytes of weights, need not be read
	}
	all := make([]Named, 0, len(entries))
	for _, e := range entries {
		if want.Fits != nil {
			if err := want.Fits(e.Shape); err != nil {
				return nil, fmt.Errorf("%s: tensor %q: %w", path, e.Name, err)
			}
		}
		read := entryReaders[e.DType]
		if read == nil {
			return nil, fmt.Errorf("%s: tensor %q is %s, which is not read", path, e.Name, e.DType.MM())
		}
		t, err := read(s, e.Name)
		if err != nil {
			return nil, err
		}
		all = append(all, Named{Name: e.Name, Tensor: t})
	}
	return all, nil
}

// entryReaders read an entry as the type it has, and integers that no program computes with as i64.
var entryReaders = map[rt.DType]func(s *rt.SafeTensors, name string) (*Tensor, error){
	rt.F32: load[float32], rt.F64: load[float64], rt.F16Type: load[rt.F16], rt.BF16Type: load[rt.BF16],
	rt.I32: load[int32], rt.I64: load[int64], rt.U8: load[uint8], rt.BOOL: load[bool],
	rt.I8: load[int64], rt.I16: load[int64], rt.U16: load[int64], rt.U32: load[int64], rt.U64: load[int64],
}

func load[T rt.Elem](s *rt.SafeTensors, name string) (*Tensor, error) {
	t, err := rt.LoadTensor[T](s, name)
	return &Tensor{Shape: append([]int{}, t.Shape...), Data: t.Data}, err // a scalar's shape is [], as in all other formats
}

func writeSafeTensors(w io.Writer, tensors []Named) error {
	sources := make([]rt.Source, len(tensors))
	for i, t := range tensors {
		if err := t.Validate(); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		dtype, ok := rt.ParseDType(strings.ToUpper(string(t.DType())))
		if !ok {
			return fmt.Errorf("tensor %q: .safetensors has no %s", t.Name, t.DType())
		}
		sources[i] = rt.Source{Name: t.Name, DType: dtype, Shape: t.Shape, Write: elementWriters[t.DType()](t.Data)}
	}
	return rt.WriteSafeTensors(w, nil, sources)
}

// elementWriters put out the elements of each type, little-endian.
var elementWriters = map[tensor.DType]func(data any) func(w io.Writer) error{
	tensor.F16: elements[tensor.Half], tensor.BF16: elements[tensor.BHalf], tensor.F32: elements[float32], tensor.F64: elements[float64],
	tensor.I8: elements[int8], tensor.I16: elements[int16], tensor.I32: elements[int32], tensor.I64: elements[int64],
	tensor.U8: elements[uint8], tensor.U16: elements[uint16], tensor.U32: elements[uint32], tensor.U64: elements[uint64],
	tensor.Bool: elements[bool],
}

func elements[T tensor.Element](data any) func(w io.Writer) error {
	return func(w io.Writer) error { return bulk.Write(w, binary.LittleEndian, data.([]T)) }
}
