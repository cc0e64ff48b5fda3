// Package vec is the layer below every CPU kernel template: it records straight-line vector code and counted loops over
// typed virtual registers, checks the record, gives it machine registers, and prints it for a target.
//
//	b := vec.New("axpy", vec.AVX512, vec.Slice("y", vec.F32), vec.Slice("x", vec.F32), vec.Int("n"), vec.Float("a"))
//	y, x, a := b.Ptr("y"), b.Ptr("x"), b.Scalar("a")
//	b.Loop(b.Int("n"), func() {
//		b.Store(b.Madd(a, b.Load(vec.At(x, 0), 0), b.Load(vec.At(y, 0), 0)), vec.At(y, 0), 0)
//		b.Step(x, b.Lanes())
//		b.Step(y, b.Lanes())
//	})
//	f, err := b.Build() // f.Text is the assembly, f.Stub its Go declaration
//
// There are four types of virtual register: V (a vector of Lanes float32s or int32s), M (a mask with one bit per lane), P (a
// position in a slice argument) and I (an integer). The record is not SSA: accumulators, pointers and counters are changed
// in place, and what a loop carries is defined before it. Build verifies that.
//
// A target is a table from operations to patterns of text plus the sizes of its register files: AVX512 prints Go assembly of
// 16 lanes, Scalar prints Go of one lane; both functions have the same signature (slices, ints, float32s), so that they fit
// one dispatch table. Registers come from one linear scan, and there is no spilling: a record that needs more registers than
// the target has is an error, on which the caller chooses another schedule. Arguments are loaded where Ptr or Int is called
// and can be written back with Save, so the argument frame serves as the spill area, at places that the template chooses.
// Constants are read-only memory that instructions broadcast by themselves; they take no register.
//
// A function must not read or write memory outside the lanes of its masks, masked-off lanes never fault.
//
// The package knows no template, no operator and no graph.
package vec
