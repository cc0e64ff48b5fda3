package kernel

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir/dtype"
	"mmc/ir/loop"
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
			m.call("1", fmt.Sprintf("min(%d, %s1-%s)", callElements, a, a), "", a)
		})
		return
	}
	r := m.axis[m.row]
	m.w.Linef("step := max(1, %d/max(1, %s1-%s0))", callElements, a, a)
	m.w.Block(fmt.Sprintf("for %s := %s0; %s < %s1; %s += step", r, r, r, r, r), func() {
		m.call(fmt.Sprintf("min(step, %s1-%s)", r, r), a+"1-"+a+"0", r, a+"0")
	})
}

// call writes one call; row and at are where it begins.
func (m *mapper) call(rows, n, row, at string) {
	var args []string
	for _, r := range m.nest.refs() {
		args = append(args, m.place(r, row, at))
	}
	for _, name := range m.ints2() {
		args = append(args, m.argument(name, rows, n, row, at))
	}
	m.w.Linef("%s(%s)", rowsVar, strings.Join(args, ", "))
}

// place is the slice that a call begins at.
func (m *mapper) place(r *Ref, row, at string) string {
	text := m.at[r]
	if row != "" && m.rowStride(r) {
		text += " + " + row + "*" + m.stride(r, m.row)
	}
	switch {
	case r.Stride[m.inner].IsConst(0):
	case r.Stride[m.inner].IsConst(1):
		text += " + " + at
	default:
		text += " + " + at + "*" + m.stride(r, m.inner)
	}
	slice := m.slice(r)
	if r.storage() == dtype.Bool {
		slice = "rt.Bytes(" + slice + ")"
	}
	return slice + "[" + text + ":]"
}

// stride is the field that holds a reference's stride on an axis, made at its first use.
func (m *mapper) stride(r *Ref, axis int) string {
	name := m.slice(r) + m.axis[axis]
	for _, f := range m.fields {
		if f.Name == name {
			return name
		}
	}
	return m.size(name, r.Stride[axis])
}

// argument is the value of an integer argument.
func (m *mapper) argument(name, rows, n, row, at string) string {
	switch {
	case name == "rows":
		return rows
	case name == "n":
		return n
	case name[0] == 'd':
		k, _ := strconv.Atoi(name[1:])
		return m.size(name, m.nest.Body[k].Dim)
	case name[0] == 'p':
		return m.position(name[1:], row, at)
	}
	r := m.refNamed(name[1:])
	if name[0] == 'r' {
		return m.stride(r, m.row)
	}
	return m.stride(r, m.inner)
}

// position is where a call begins on an axis that the body asks the position of.
func (m *mapper) position(axis, row, at string) string {
	switch axis {
	case m.axis[m.inner]:
		return at
	case row:
		return row
	}
	if m.row >= 0 && axis == m.axis[m.row] {
		return row
	}
	return axis
}

func (m *mapper) refNamed(slice string) *Ref {
	for _, r := range m.nest.refs() {
		if m.slice(r) == slice {
			return r
		}
	}
	return nil
}

// usesPosition reports whether the body asks for the position on an axis.
func (m *mapper) usesPosition(axis int) bool {
	for _, in := range m.nest.Body {
		if in.Op == loop.Position && in.Axis == axis {
			return true
		}
	}
	return false
}
