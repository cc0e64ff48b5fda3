package vec

import (
	"fmt"
	"math/bits"
)

// class is a register file.
type class uint8

const (
	cVec class = iota
	cMask
	cGeneral
	numClasses
)

var classNames = [numClasses]string{"vector", "mask", "general"}

// classOf maps kinds to files.
var classOf = [...]class{kF32: cVec, kI32: cVec, kMask: cMask, kPtr: cGeneral, kInt: cGeneral}

// reads calls f for every register that i reads.
func (i *instr) reads(f func(r int32)) {
	for _, r := range [...]int32{i.a, i.b, i.c, i.m} {
		if r > 0 {
			f(r)
		}
	}
	if i.op.is(fMem) {
		f(int32(i.mem.P))
		if i.mem.S > 0 {
			f(int32(i.mem.I))
		}
	}
	if _, inout := i.op.result(); inout {
		f(i.d)
	}
}

// sweep drops instructions whose results nobody needs, working backwards from the effects until nothing changes.
func (b *Builder) sweep() {
	need := make([]bool, len(b.regs))
	for changed := true; changed; {
		changed = false
		for k := len(b.code) - 1; k >= 0; k-- {
			if i := &b.code[k]; i.op.is(fEffect) || i.d > 0 && need[i.d] {
				i.reads(func(r int32) {
					changed = changed || !need[r]
					need[r] = true
				})
			}
		}
	}
	kept := b.code[:0]
	for _, i := range b.code {
		if i.op.is(fEffect) || i.d > 0 && need[i.d] {
			kept = append(kept, i)
		}
	}
	b.code = kept
}

// allocation is a machine register per virtual one, and the largest number of vectors alive at once.
type allocation struct {
	reg  []uint8
	live int
}

// intervals are [first definition, last use] in instruction numbers from 1, stretched to the end of every loop that a value
// enters from outside: the next round reads it again.
func (b *Builder) intervals() (first, last []int32) {
	first, last = make([]int32, len(b.regs)), make([]int32, len(b.regs))
	var open []int32
	var loops [][2]int32
	for k := range b.code {
		i, at := &b.code[k], int32(k+1)
		i.reads(func(r int32) { last[r] = at })
		if i.d > 0 {
			last[i.d] = at
			if first[i.d] == 0 {
				first[i.d] = at
			}
		}
		switch i.op {
		case opLoop, opLoopArg:
			open = append(open, at)
		case opEndLoop, opEndLoopArg: // inner loops close first, so an outer loop sees their stretched ends
			loops = append(loops, [2]int32{open[len(open)-1], at})
			open = open[:len(open)-1]
		}
	}
	for _, l := range loops {
		for r := range last {
			if first[r] > 0 && first[r] < l[0] && last[r] >= l[0] && last[r] < l[1] {
				last[r] = l[1]
			}
		}
	}
	return first, last
}

// scan is the state of the linear scan.
type scan struct {
	b           *Builder
	first, last []int32
	out         allocation
	free        [numClasses]uint64
	dying       [][]int32 // registers by the instruction of their last use
}

// alloc gives machine registers by one linear scan. A result takes over the register of an operand that dies at the same
// instruction where it can, which saves the move of a three-operand FMA.
func (b *Builder) alloc() (*allocation, error) {
	s := &scan{b: b, out: allocation{reg: make([]uint8, len(b.regs))}, dying: make([][]int32, len(b.code)+1)}
	s.first, s.last = b.intervals()
	for r, at := range s.last {
		if at > 0 {
			s.dying[at] = append(s.dying[at], int32(r))
		}
	}
	for c, n := range b.target.files {
		s.free[c] = 1<<n - 1
	}
	for k := range b.code {
		if err := s.step(int32(k+1), &b.code[k]); err != nil {
			return nil, err
		}
	}
	return &s.out, nil
}

func (s *scan) step(at int32, i *instr) error {
	early := i.op.is(fEarly)
	if !early {
		s.retire(at)
	}
	var err error
	if i.d > 0 && s.first[i.d] == at {
		err = s.assign(at, i)
	}
	if early {
		s.retire(at)
	}
	s.out.live = max(s.out.live, s.b.target.files[cVec]-bits.OnesCount64(s.free[cVec]))
	return err
}

// retire frees the registers whose last use is here; a result that nobody reads is never taken.
func (s *scan) retire(at int32) {
	for _, r := range s.dying[at] {
		if s.first[r] < at || s.b.code[at-1].op.is(fEarly) {
			s.free[s.class(r)] |= 1 << s.out.reg[r]
		}
	}
}

func (s *scan) class(r int32) class { return classOf[s.b.regs[r].kind] }

func (s *scan) assign(at int32, i *instr) error {
	c := s.class(i.d)
	if s.free[c] == 0 {
		return fmt.Errorf("vec: %s: instruction %d (%s) needs more than the %d %s registers of %s",
			s.b.name, at, ops[i.op].name, s.b.target.files[c], classNames[c], s.b.target.Name)
	}
	r := uint8(bits.TrailingZeros64(s.free[c]))
	for _, x := range [...]int32{i.b, i.a, i.c} { // the addend of an FMA is the best to take over: it comes last
		if x > 0 && s.class(x) == c && s.last[x] == at && s.free[c]>>s.out.reg[x]&1 == 1 {
			r = s.out.reg[x]
		}
	}
	s.out.reg[i.d] = r
	if s.last[i.d] > at || i.op.is(fEarly) {
		s.free[c] &^= 1 << r
	}
	return nil
}
