// Package rt is the run-time half of mmc: what a generated package links beside its own kernels.
//
// It holds tensors and the shape checks at a graph's door, the fork-join pool, the arena, the counter-based
// generator behind random draws, the safetensors reader and writer, weight loading, checkpoints and the
// choice of an instruction set. It holds no model kernels: those are generated. It knows nothing of the
// compiler, and imports the standard library alone, leaving out encoding/json, reflect and fmt, because every
// generated program pays for what is linked here in build time and binary size.
//
// Bad input never panics: it becomes an error that names the argument, dim, tensor or file at fault. A panic
// out of this package is a bug of the compiler (a view outside of the plan) or of the caller's own code.
package rt

// Version is the revision of this package that generated files name in their header. It rises when generated
// code must be generated again to fit.
const Version = 1
