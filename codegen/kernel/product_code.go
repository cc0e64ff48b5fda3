package kernel

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/plan"
)

// product makes a matrix kernel of a step whose nest is a sum of products. It reports false where the form does not fit.
func (m *Maker) product(s *plan.Step) (*Code, bool) {
	p, ok := productOf(s, m.Facts)
	if !ok {
		return nil, false
	}
	w := &productWriter{product: p, body: newLoops(p.nest)}
	return w.code(m)
}

// productWriter prints the kernel of a product: the families of matrix kernels for both targets, and the Go that describes the
// product to the driver.
type productWriter struct {
	*product
	body    *loops
	gemm    Gemm
	extra   []int // references that are operands of the epilogue, then further results
	outputs int
	fields  []Field
	scalars []int // DimValue instructions of the epilogue
}

func (w *productWriter) code(m *Maker) (*Code, bool) {
	w.gemm = Gemm{Name: Placeholder, TransA: w.trans, RowsB: w.panel == nil}
	w.epilogue()
	both := m.families(w)
	if both == nil {
		return nil, false
	}
	fast, portable := both.fast, both.portable
	driver := w.gemm.Driver()
	var out emit.Go
	w.structType(&out, driver)
	w.chunks(&out, driver)
	w.chunk(&out)
	for _, f := range portable.Funcs {
		out.Line()
		out.Text(string(f.Text))
	}
	out.Line()
	out.Text(portable.Table(Placeholder + "Go"))
	out.Line()
	out.Linef("var %sTable, %sTile = &%sGo, %d", Placeholder, Placeholder, Placeholder, portable.MR)
	return &Code{
		Family: "gemm", Source: out.String(), Fields: w.fields, Asm: fast.Funcs,
		Tables:  fast.Table(Placeholder + "AVX512"),
		Install: []string{fmt.Sprintf("%sTable, %sTile = &%sAVX512, %d", Placeholder, Placeholder, Placeholder, fast.MR)},
		Shared:  append([]Shared{{GemmShapeSource()}, {driver.Source()}}, vecSupport(portable.Funcs...)...),
	}, true
}

func (w *productWriter) size(name string, value dim.Expr) string {
	w.fields = append(w.fields, Field{Name: name, Size: value})
	return name
}

// names of the extra references in the driver: x0, x1, .., then y0, ..
func (w *productWriter) extraName(i int) string {
	if i < len(w.extra)-w.outputs {
		return "x" + strconv.Itoa(i)
	}
	return "y" + strconv.Itoa(i-(len(w.extra)-w.outputs))
}

// structType prints the fields: what the driver must know, under names of its own.
func (w *productWriter) structType(out *emit.Go, driver GemmDriver) {
	refs := w.nest.refs()
	slices := map[string]int{"a": w.a, "b": w.b, "c": w.c}
	order := []string{"a", "b", "c"}
	for i, r := range w.extra {
		slices[w.extraName(i)] = r
		order = append(order, w.extraName(i))
	}
	for _, name := range order {
		r := slices[name]
		w.fields = append(w.fields, Field{Name: name, Buf: refs[r].View.Buf})
		w.size("p"+name, refs[r].Offset)
		w.strides(name, r)
	}
	w.size("batch", w.batch.extent)
	w.size("runs", w.runs.extent)
	w.size("run", w.run.extent)
	w.size("n", w.cols.extent)
	w.size("k", w.k.extent)
	w.size("nseg", w.segments.extent)
	for i, o := range w.outer {
		w.size("n"+strconv.Itoa(i), o.extent)
	}
	for i, o := range w.more {
		w.size("k"+strconv.Itoa(i), o.extent)
		w.size("k"+strconv.Itoa(i)+"a", o.stride[w.a])
		w.size("k"+strconv.Itoa(i)+"b", o.stride[w.b])
	}
	for i, k := range w.scalars {
		w.size("s"+strconv.Itoa(i), w.nest.Body[k].Dim)
	}
	out.Block("type "+Placeholder+" struct", func() {
		out.Line("product ", driver.Type)
		var ints []string
		for _, f := range w.fields {
			if f.Buf != nil {
				out.Line(f.Name, " []", memType(f.Buf.DType))
			} else {
				ints = append(ints, f.Name)
			}
		}
		for len(ints) > 0 {
			k := min(14, len(ints))
			out.Line(strings.Join(ints[:k], ", "), " int")
			ints = ints[k:]
		}
	})
}

// strides makes the stride fields of one slice.
func (w *productWriter) strides(name string, r int) {
	switch name {
	case "a":
		if w.trans {
			w.size("lda", w.k.stride[r])
		} else {
			w.size("lda", w.run.stride[r])
		}
		w.size("seg", w.segments.stride[r])
		w.size("runA", w.runs.stride[r])
		w.size("batchA", w.batch.stride[r])
	case "b":
		w.size("batchB", w.batch.stride[r])
		if w.panel != nil {
			w.size("panelB", w.panel.Stride)
		} else {
			w.size("ldb", w.k.stride[r])
			if !w.segments.extent.IsConst(1) {
				w.size("gap", w.segments.stride[r].Sub(w.k.extent.Mul(w.k.stride[r])))
			}
		}
	case "c":
		w.size("ldc", w.run.stride[r])
		w.size("runC", w.runs.stride[r])
		w.size("batchC", w.batch.stride[r])
	default:
		w.size("ld"+name, w.run.stride[r])
		w.size("run"+name, w.runs.stride[r])
		w.size("batch"+name, w.batch.stride[r])
	}
	for i, o := range w.outer {
		if !o.stride[r].IsConst(0) {
			w.size("o"+strconv.Itoa(i)+name, o.stride[r])
		}
	}
}

// has reports whether a field was made.
func (w *productWriter) has(name string) bool {
	for _, f := range w.fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// chunks prints the method that describes the product to the driver.
func (w *productWriter) chunks(out *emit.Go, driver GemmDriver) {
	ldb, panelB, gap := strconv.Itoa(PanelCols), "k.panelB", ""
	if w.panel == nil {
		ldb, panelB = "k.ldb", strconv.Itoa(PanelCols)
	}
	if w.has("gap") {
		gap = "gap: k.gap, "
	}
	out.Line()
	out.Block("func (k *"+Placeholder+") Chunks() int", func() {
		out.Linef("k.product = %s{", driver.Type)
		out.Indented(func() {
			out.Line("gemmShape: gemmShape{")
			out.Indented(func() {
				out.Line("batch: k.batch, runs: k.runs, run: k.run, n: k.n, k: k.k, nseg: k.nseg,")
				out.Linef("lda: k.lda, ldb: %s, ldc: k.ldc, seg: k.seg, %srunA: k.runA, runC: k.runC,", ldb, gap)
				out.Linef("batchA: k.batchA, batchB: k.batchB, batchC: k.batchC, panelB: %s,", panelB)
				out.Linef("trans: %t, rowsB: %t, mr: %sTile,", w.trans, w.panel == nil, Placeholder)
			})
			out.Line("},")
			out.Linef("kern: %sTable, a: k.a[k.pa:], b: k.b[k.pb:], c: k.c[k.pc:],", Placeholder)
			for i, r := range w.extra {
				x := w.extraName(i)
				slice := "k." + x
				if w.nest.refs()[r].storage() == dtype.Bool {
					slice = "rt.Bytes(" + slice + ")"
				}
				out.Linef("%s: %s[k.p%s:], ld%s: k.ld%s, run%s: k.run%s, batch%s: k.batch%s,", x, slice, x, x, x, x, x, x, x)
			}
			for i := range w.scalars {
				out.Linef("s%d: float32(k.s%d),", i, i)
			}
		})
		out.Line("}")
		total := "k.product.plan()"
		for i := range w.outer {
			total += " * k.n" + strconv.Itoa(i)
		}
		out.Line("return ", total)
	})
}

// chunk prints the method that computes a chunk: the driver's, after the position on the outer axes.
func (w *productWriter) chunk(out *emit.Go) {
	out.Line()
	out.Block("func (k *"+Placeholder+") Chunk(chunk int)", func() {
		if len(w.outer) == 0 && len(w.more) == 0 {
			out.Line("k.product.chunk(chunk)")
			return
		}
		out.Line("product := k.product")
		for i := len(w.outer) - 1; i >= 0; i-- {
			o := strconv.Itoa(i)
			out.Linef("o%s := chunk %% k.n%s", o, o)
			out.Linef("chunk /= k.n%s", o)
			for _, f := range []string{"a", "b", "c"} {
				w.move(out, o, f)
			}
			for x := range w.extra {
				w.move(out, o, w.extraName(x))
			}
		}
		w.sum(out, 0)
	})
}

// sum prints the loops over the parts of the inner length; the first starts the sums, the last ends them.
func (w *productWriter) sum(out *emit.Go, i int) {
	if i == len(w.more) {
		if i > 0 {
			out.Linef("product.goesOn, product.unfinished = %s > 0, %s < %s-1", w.part("0"), w.part("0"), w.parts())
		}
		out.Line("product.chunk(chunk)")
		return
	}
	k := strconv.Itoa(i)
	out.Linef("a%s, b%s := product.a, product.b", k, k)
	out.Block(fmt.Sprintf("for i%s := range k.k%s", k, k), func() {
		out.Linef("product.a, product.b = a%s[i%s*k.k%sa:], b%s[i%s*k.k%sb:]", k, k, k, k, k, k)
		w.sum(out, i+1)
	})
}

// part is the number of the current part, parts how many there are.
func (w *productWriter) part(text string) string {
	for i := range w.more {
		k := strconv.Itoa(i)
		if i == 0 {
			text = "i0"
		} else {
			text = "(" + text + ")*k.k" + k + "+i" + k
		}
	}
	return text
}

func (w *productWriter) parts() string {
	text := "k.k0"
	for i := range w.more[1:] {
		text += "*k.k" + strconv.Itoa(i+1)
	}
	return text
}

func (w *productWriter) move(out *emit.Go, o, name string) {
	if w.has("o" + o + name) {
		out.Linef("product.%s = product.%s[o%s*k.o%s%s:]", name, name, o, o, name)
	}
}
