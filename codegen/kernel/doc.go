// Package kernel makes kernels out of loop nests. A template owns the loops and their schedule; the nest supplies the scalar
// body. A kernel is parametric: it knows how many axes there are and which operand moves along which axis, but extents,
// strides and offsets are its fields, so that every layer with the same structure shares one kernel.
//
//	Bind      nest + views of one step -> Nest: linear addresses, axes merged where memory allows
//	Loops     Nest -> Code: scalar Go, for any nest
//	Map, ...  Nest -> Code: vector code through codegen/vec, where the structure fits
//
// Code is a kernel's source under a placeholder name and the values of its fields for this step. Steps whose sources are
// equal share a kernel: the text is the structure, so no second description of it is kept.
//
// The package knows neither operators nor layers nor the package that its kernels are printed into.
package kernel
