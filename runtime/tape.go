package rt

import "strconv"

// A Tape holds noise by the addresses of draws: a call takes what stands there in place of its own random numbers, so that two
// programs can be compared number by number.
type Tape map[string]Tensor[float32]

// Fill copies what the tape holds for an address to dst, and reports whether it holds anything.
func Fill[T Number](t Tape, address string, dst []T) (bool, error) {
	x, ok := t[address]
	if !ok {
		return false, nil
	}
	if len(x.Data) != len(dst) {
		return false, tapeError(address, len(x.Data), len(dst))
	}
	for i, v := range x.Data {
		dst[i] = T(v)
	}
	return true, nil
}

// FillBool is Fill for bools.
func FillBool(t Tape, address string, dst []bool) (bool, error) {
	x, ok := t[address]
	if !ok {
		return false, nil
	}
	if len(x.Data) != len(dst) {
		return false, tapeError(address, len(x.Data), len(dst))
	}
	for i, v := range x.Data {
		dst[i] = v != 0
	}
	return true, nil
}

func tapeError(address string, has, want int) error {
	return &ShapeError{Arg: address, Msg: "has " + strconv.Itoa(has) + " elements on the noise tape, want " + strconv.Itoa(want)}
}
