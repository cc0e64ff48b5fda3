package kernel

import (
	"mmc/codegen/vec"
	"mmc/ir/dim"
	"mmc/ir/plan"
)

// Code is a kernel and what one step gives it.
//
// Source declares a struct type named [Placeholder] with the fields and two methods: Chunks returns how many chunks the
// step has, Chunk computes one. Two codes with the same source are the same kernel.
type Code struct {
	Family string  // the template's word for it, which the final name begins with
	Source string  // Go declarations, not yet formatted
	Fields []Field // the values of this step

	Asm     []*vec.Func // vector functions
	Tables  string      // Go declarations beside them
	Install []string    // Go statements that put them in place of the portable functions
	Shared  []Shared    // what the source needs besides, once per package
	Doc     string      // what it computes, for people; may be empty
}

// Placeholder stands for the kernel's name in sources and assembly.
const Placeholder = "KERNEL"

// Field is the value of one field: a slice of a buffer, or a size.
type Field struct {
	Name string
	Buf  *plan.Buffer // nil for a size
	Size dim.Expr
	// Bytes asks for the buffer of bools as bytes.
	Bytes bool
}

// Shared is Go source that several kernels need: a package has each text once.
type Shared struct{ Text string }

// vecSupport is what portable forms of vector functions call.
func vecSupport(portable ...*vec.Func) []Shared {
	var out []Shared
	for _, text := range vec.SupportFor(portable...) {
		out = append(out, Shared{text})
	}
	return out
}
