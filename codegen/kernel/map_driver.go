package kernel

import (
	"fmt"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir/dtype"
)

// callElements bounds the elements of one call into assembly, which cannot be preempted.
const callElements = 1 << 17

// driver writes the body of Chunk: loops over the outer axes around calls of the rows function.
func (m *mapper) driver() string {
	for k := range m.nest.Axes {
		m.size("n"+m.axis[k], m.nest.Axes[k].Extent)
	}
	m.outer(0)
	inner := m.w.String()
	var head emit.Go
	m.locals(&head, inner)
	return head.String() + inner
}

// outer writes the loop over axis k, or the call.
func (m *mapper) outer(k int) {
	if k == m.inner || k == m.row {
		m.calls()
		return
	}
	a := m.axis[k]
	m.w.Block("for "+a+" := "+a+"0; "+a+" < "+a+"1; "+a+"++", func() {
		for _, r := range m.nest.refs() {
			m.advance(r, k)
		}
		m.outer(k + 1)
	})
}

// calls writes calls of bounded length: some rows, or a part of the only row.
func (m *mapper) calls() {
	a := m.axis[m.inner]
	if m.row < 0 {
		m.w.Block(fmt.Sprintf("for %s := %s0; %s < %s1; %s += %d", a, a, a, a, a, callElements), func() {
			m.call(span{"1", fmt.Sprintf("min(%d, %s1-%s)", callElements, a, a), "", a})
		})
		return
	}
	r := m.axis[m.row]
	m.w.Linef("step := max(1, %d/max(1, %s1-%s0))", callElements, a, a)
	m.w.Block(fmt.Sprintf("for %s := %s0; %s < %s1; %s += step", r, r, r, r, r), func() {
		m.call(span{fmt.Sprintf("min(step, %s1-%s)", r, r), a + "1-" + a + "0", r, a + "0"})
	})
}

// call writes one call.
func (m *mapper) call(c span) {
	m.callWith(m.intArgs(c), func(r *Ref) string { return m.place(r, c) })
}

// callWith writes a call with the given integers, each reference beginning at its place.
func (m *mapper) callWith(ints []intArg, place func(*Ref) string) {
	var args []string
	for _, r := range m.nest.refs() {
		slice := m.slice(r)
		if r.storage() == dtype.Bool {
			slice = "rt.Bytes(" + slice + ")"
		}
		if len(r.Checks) > 0 { // cut to nothing, a window may stand anywhere
			args = append(args, "rt.From("+slice+", "+place(r)+")")
			continue
		}
		args = append(args, slice+"["+place(r)+":]")
	}
	for _, a := range ints {
		args = append(args, a.value)
	}
	m.w.Linef("%s(%s)", rowsVar, strings.Join(args, ", "))
}

// place is the address that a call begins at.
func (m *mapper) place(r *Ref, c span) string {
	text := m.at[r]
	if c.row != "" && m.rowStride(r) {
		text += " + " + c.row + "*" + m.stride(r, m.row)
	}
	switch {
	case r.Stride[m.inner].IsConst(0):
		return text
	case r.Stride[m.inner].IsConst(1):
		return text + " + " + c.at
	}
	return text + " + " + c.at + "*" + m.stride(r, m.inner)
}

// usesPosition reports whether the body asks for the position on an axis.
func (m *mapper) usesPosition(axis int) bool { return m.nest.positioned(axis) }
