// Package kernel holds the CPU templates: generator functions that own the loops of a kernel and run snippets (epilogues) on
// its lanes. Templates write through package vec alone, so that each exists once for all targets; what a package needs beside
// kernels (drivers that cut the work into chunks) is emitted as Go source. The package knows no graph and no operator.
//
// # Matrix products and convolutions
//
// A Gemm is a family of kernels over one register tile each. The emitter of a package does four things:
//
//	g := kernel.Gemm{Name: "dense", Epilogue: biasRelu}
//	fam, err := g.Family(vec.AVX512)       // or g.Family(t, 49): only what runs of 49 rows need
//	... vec.AsmFile / vec.GoFile of fam.Funcs
//	... kernel.GemmShapeSource()           // once per package
//	... g.Driver().Source()                // once per g.Driver().Type
//	... fam.Table("denseAVX512")           // once per family: the table of its kernels
//
// In the generated package a product is then a value of the driver's type, and its chunks run in any order on any thread:
//
//	p := gemm_f{kern: &denseAVX512, a: x, b: packed, c: y, x0: bias}
//	p.gemmShape = gemmShape{batch: 1, runs: 1, run: M, n: N, k: K, nseg: 1,
//		lda: K, ldb: 32, ldc: N, panelB: K * 32, mr: fam.MR}
//	for i := range p.plan() { p.chunk(i) }
//
// Cols in the Gemm and the lengths of runs in Family leave out kernels that known sizes never need; without them a family has
// every row tile in every width that pays, since the driver chooses at run time.
//
// Sides that are not packed cost: a row-major B (RowsB) or a transposed A touches a page per step of k. From about a hundred
// rows on it pays to pack B into scratch memory first (PackRows, Transpose and the driver in GemmPackSource do it at the speed
// of memory), or to transpose A.
//
// plan follows from the shape alone and chunks write disjoint parts of C, so the bits of C depend neither on threads nor on
// cache blocks: every element is one chain of multiply-adds in the order of k, whatever the tile, and a block of k continues
// from the stored C.
//
// A convolution KH x KW of an image [Hp][Wp][C] that has its zero border in memory, stride s, weights packed as a matrix of
// KH*KW*C rows: run: OW, runs: OH, k: KW*C, nseg: KH, seg: Wp*C, lda: s*C, runA: s*Wp*C, and for the result ldc: N, runC: OW*N
// (more where the result has a border of its own); batchA and batchC step through images. If KW*C is the whole inner length
// (1x1, stride 1) it is a plain product.
package kernel
