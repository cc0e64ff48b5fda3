package rt

import (
	"errors"
	"strconv"
)

// A Draw is the address of one random tensor: the same address gives the same values on every target, whatever
// else a program draws and however the work is cut. Elements are numbered row-major, and four neighbours share
// a Philox block: key = Hash64(Seed, Path), counter = (element / 4, Step, Ordinal, Iter).
type Draw struct {
	Seed    uint64
	Path    string // instance path and name: h.3.dropout1.keep
	Step    uint32 // the trainer's step, or the session's call
	Ordinal uint32 // which call of the instance within the graph
	Iter    uint32 // iteration of the enclosing scans and loops, flattened row-major
}

// Key is the Philox key, low half first.
func (d Draw) Key() [2]uint32 {
	h := Hash64(d.Seed, d.Path)
	return [2]uint32{uint32(h), uint32(h >> 32)}
}

// Words gives the four words behind elements 4*block .. 4*block+3.
func (d Draw) Words(key [2]uint32, block uint32) [4]uint32 {
	return Philox([4]uint32{block, d.Step, d.Ordinal, d.Iter}, key)
}

// Number is what a draw may be stored as. Values are computed once, in float32 or in integers, and converted:
// a float64 tensor holds the float32 values widened.
type Number interface {
	float32 | float64 | int32 | int64
}

// Uniform fills dst with elements first, first+1, … of a draw from [lo, hi), which is lo alone if they are equal.
func Uniform[T Number](d Draw, dst []T, first int, lo, hi float32) {
	fill(d, dst, first, uniformLaw{lo: lo, width: hi - lo, last: max(lo, below(hi))})
}

// Normal fills dst with elements of a normal draw.
func Normal[T Number](d Draw, dst []T, first int, mean, deviation float32) {
	fill(d, dst, first, normalLaw{mean, deviation})
}

// Bernoulli fills dst with ones, each with probability p, and zeros.
func Bernoulli[T Number](d Draw, dst []T, first int, p float32) {
	fill(d, dst, first, bernoulliLaw{p})
}

// BernoulliBool is Bernoulli for a bool tensor.
func BernoulliBool(d Draw, dst []bool, first int, p float32) {
	key, law := d.Key(), bernoulliLaw{p}
	for i := range dst {
		e := first + i
		dst[i] = law.one(d.Words(key, uint32(e/4))[e%4])
	}
}

// RandInt fills dst with integers from lo .. hi-1. A word of 32 bits is scaled, so that the range may hold at
// most 2^32 values, and the probabilities of n values differ by at most a share n / 2^32 of each.
func RandInt[T Number](d Draw, dst []T, first int, lo, hi int64) error {
	if lo >= hi || uint64(hi)-uint64(lo) > 1<<32 {
		return errors.New("randint(" + strconv.FormatInt(lo, 10) + ", " + strconv.FormatInt(hi, 10) +
			"): the range must hold between 1 and 2^32 values")
	}
	key, n := d.Key(), uint64(hi-lo)
	for i := range dst {
		e := first + i
		w := uint64(d.Words(key, uint32(e/4))[e%4])
		if n == 1<<32 {
			dst[i] = T(lo + int64(w))
		} else {
			dst[i] = T(lo + int64(w*n>>32))
		}
	}
	return nil
}

// Permutation fills dst with the numbers 0 .. len(dst)-1 in random order: Fisher and Yates, whose exchange at
// place i is drawn from element i. It cannot be cut into parts.
func Permutation[T Number](d Draw, dst []T) {
	for i := range dst {
		dst[i] = T(i)
	}
	key := d.Key()
	for i := len(dst) - 1; i > 0; i-- {
		j := int(uint64(d.Words(key, uint32(i/4))[i%4]) * uint64(i+1) >> 32)
		dst[i], dst[j] = dst[j], dst[i]
	}
}

// A law turns the words of a block into four values.
type law interface {
	values(w [4]uint32) [4]float32
}

func fill[T Number, L law](d Draw, dst []T, first int, l L) {
	key := d.Key()
	for i := 0; i < len(dst); {
		e := first + i
		v := l.values(d.Words(key, uint32(e/4)))
		for _, x := range v[e%4:] {
			if i < len(dst) {
				dst[i] = T(x)
				i++
			}
		}
	}
}
