package gosrc

import (
	"strconv"

	"mmc/codegen/emit"
	"mmc/ir/dim"
	"mmc/ir/plan"
)

// profiled reports whether a program's steps are timed: those of the graphs that users call, where the options ask for it.
func (gr *graph) profiled() bool {
	return gr.gen.opt.Profile && gr != gr.gen.prepare && gr != gr.gen.init
}

// profileFile prints profile.go: every step with its times. Only packages that are made to be measured have it.
func (g *generator) profileFile(w *emit.Go) {
	w.Text(`
// Step is a kernel call of a graph: what it is, what it did in the last call, and how long it took in each one.
type Step struct {
	Name, Where, Kernel string
	Flops, Bytes        int // multiply-adds times two, in products of matrices alone; operands and results
	Times               []time.Duration

	began time.Time
}

func (s *Step) start() { s.began = time.Now() }

func (s *Step) stop(work [2]int) {
	s.Times = append(s.Times, time.Duration(time.Since(s.began)))
	s.Flops, s.Bytes = work[0], work[1]
}
`)
	w.Line()
	w.Doc("Profiles has the steps of each graph in order.")
	w.Block("var Profiles = map[string][]Step", func() {
		for _, gr := range g.graphs {
			w.Linef("%q: {", gr.ir.Name)
			for _, s := range gr.steps {
				w.Linef("{Name: %q, Where: %q, Kernel: %q},", s.name, s.where, s.kernel.name)
			}
			w.Line("},")
		}
	})
}

// workMethod prints the method that tells how much each step does.
func (gr *graph) workMethod(w *emit.Go) {
	w.Doc("work is the multiply-adds, times two, and the bytes of step i.")
	w.Block("func (g *"+gr.typ+") work(i int) [2]int", func() {
		w.Line("d := &g.dims")
		w.Line("_ = d")
		w.Line("return [...][2]int{")
		for _, s := range gr.steps {
			w.Linef("{%s, %s},", gr.sizes.text(flops(s.plan), "d"), gr.sizes.text(traffic(s.plan), "d"))
		}
		w.Line("}[i]")
	})
}

// flops counts the multiply-adds of a product of matrices, times two.
func flops(s *plan.Step) dim.Expr {
	if s.Product == nil {
		return dim.Int(0)
	}
	n := dim.Int(2)
	for _, a := range s.Nest.Axes {
		n = n.Mul(a.Extent)
	}
	return n
}

// traffic is the size of all operands and results in bytes.
func traffic(s *plan.Step) dim.Expr {
	total := dim.Int(0)
	for _, list := range [][]plan.View{s.In, s.Out} {
		for _, v := range list {
			n := dim.Int(int64(v.Buf.DType.Size()))
			for _, d := range v.Shape {
				n = n.Mul(d)
			}
			total = total.Add(n)
		}
	}
	return total
}

// runnerProfile prints what the runner's flag -profile calls.
func (g *generator) runnerProfile(w *emit.Go) {
	if !g.opt.Profile {
		w.Text(`
func clearProfile(string) {}

func printProfile(string) { fmt.Fprintln(os.Stderr, "note: this program was built without a profile") }
`)
		return
	}
	w.Text(`
// clearProfile forgets the times of the calls before.
func clearProfile(graph string) {
	for i := range model.Profiles[graph] {
		model.Profiles[graph][i].Times = nil
	}
}

// printProfile prints a line of fields between tabs for each step: name, place, kernel, flops, bytes,
// nanoseconds of the median and of the fastest call.
func printProfile(graph string) {
	for _, s := range model.Profiles[graph] {
		if len(s.Times) == 0 {
			continue
		}
		slices.Sort(s.Times)
		fmt.Printf("%s\t%s\t%s\t%d\t%d\t%d\t%d\n", s.Name, s.Where, s.Kernel, s.Flops, s.Bytes, s.Times[len(s.Times)/2].Nanoseconds(), s.Times[0].Nanoseconds())
	}
}
`)
}

// timedStep prints the call of a step, which is named by its place where it is timed.
func (gr *graph) timedStep(w *emit.Go) {
	if !gr.profiled() {
		w.Line("step(g)")
		return
	}
	w.Line("lap := &Profiles[", strconv.Quote(gr.ir.Name), "][i]")
	w.Line("lap.start()")
	w.Line("step(g)")
	w.Line("lap.stop(g.work(i))")
}
