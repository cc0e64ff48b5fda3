package gosrc

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mmc/codegen"
	"mmc/codegen/emit"
	"mmc/codegen/kernel"
	"mmc/codegen/vec"
)

// registry collects the kernels of a package. Kernels with the same source are one.
type registry struct {
	gen    *generator
	byText map[string]*shared
	list   []*shared
	count  map[string]int
	maker  *kernel.Maker
}

// shared is a kernel with the steps that call it.
type shared struct {
	name  string
	code  *kernel.Code
	users []string
}

func newRegistry(g *generator) *registry {
	return &registry{gen: g, byText: map[string]*shared{}, count: map[string]int{}, maker: kernel.NewMaker()}
}

// add finds or makes the kernel of a code.
func (r *registry) add(c *kernel.Code, user string) *shared {
	s := r.byText[c.Source]
	if s == nil {
		r.count[c.Family]++
		s = &shared{name: r.gen.top.give(c.Family + strconv.Itoa(r.count[c.Family])), code: c}
		r.byText[c.Source] = s
		r.list = append(r.list, s)
	}
	if !slices.Contains(s.users, user) {
		s.users = append(s.users, user)
	}
	return s
}

// goParts are the files of the kernels in Go: kernels.go for what they share, one more for each family.
func (r *registry) goParts(names *fileNames) []part {
	common, printed, vectors := []declaration{r.kernelsType}, map[string]bool{}, false
	for _, s := range r.list {
		for _, x := range s.code.Shared {
			if !printed[x.Text] {
				printed[x.Text] = true
				common = append(common, func(w *emit.Go) { w.Text(x.Text) })
			}
		}
		vectors = vectors || len(s.code.Asm) > 0
	}
	parts := r.gen.split(names, "kernels", common...)
	for _, family := range r.families() {
		var list []declaration
		for _, s := range r.list {
			if s.code.Family == family {
				list = append(list, s.declare)
			}
		}
		parts = append(parts, r.gen.split(names, "kernels_"+family, list...)...)
	}
	if vectors {
		var w emit.Go
		r.stubs(&w)
		parts = append(parts, r.gen.part("kernels_amd64.go", &w))
	}
	return parts
}

// families are the families of the kernels, in order.
func (r *registry) families() []string { return slices.Sorted(maps.Keys(r.count)) }

// kernelsType prints the struct that holds one of each kernel, and what they are for.
func (r *registry) kernelsType(w *emit.Go) {
	w.Doc("kernels has one of each kernel: the steps of a graph fill in and run the same few structs one after another.")
	w.Block("type kernels struct", func() {
		for _, s := range r.list {
			w.Line(s.name, " ", s.name)
		}
	})
	w.Line()
	w.Doc("isa is the instruction set that the kernels use: the best of this processor, or what MMC_ISA says.")
	w.Line("var isa, isaError = rt.ChooseISA()")
}

// declare prints a kernel.
func (s *shared) declare(w *emit.Go) {
	w.Doc(s.name + " " + summary(s))
	w.Text(s.named(s.code.Source))
}

// summary says what a kernel is for.
func summary(s *shared) string {
	const shown = 4
	users := s.users
	more := ""
	if len(users) > shown {
		more = " and " + strconv.Itoa(len(users)-shown) + " more"
		users = users[:shown]
	}
	text := "computes " + strings.Join(users, ", ") + more + "."
	if s.code.Doc != "" {
		text += "\n\n" + s.code.Doc
	}
	return text
}

// named puts a kernel's name into a text of it.
func (s *shared) named(text string) string {
	return strings.ReplaceAll(text, kernel.Placeholder, s.name)
}

// stubs are the declarations of the assembly, and what puts it in place of the portable functions.
func (r *registry) stubs(w *emit.Go) {
	w.Doc("Processors with the instructions run the vector form of each kernel.")
	w.Block("func init()", func() {
		w.Block("if isa < rt.ISAAVX512", func() { w.Line("return") })
		for _, s := range r.list {
			for _, line := range s.code.Install {
				w.Line(s.named(line))
			}
		}
	})
	for _, s := range r.list {
		if s.code.Tables != "" {
			w.Line()
			w.Text(s.named(s.code.Tables))
		}
	}
	for _, s := range r.list {
		for _, v := range s.code.Asm {
			f := *v
			f.Name = s.named(f.Name)
			w.Line()
			w.Text(f.Stub())
		}
	}
}

// asmFiles are the assembly for amd64, a file for each family.
func (r *registry) asmFiles() (files []codegen.File) {
	for _, family := range r.families() {
		var funcs []*vec.Func
		for _, s := range r.list {
			if s.code.Family == family {
				funcs = append(funcs, s.asm()...)
			}
		}
		if len(funcs) > 0 {
			text := vec.AsmFile(r.gen.header()+"\n", funcs)
			files = append(files, codegen.File{Path: "kernels_" + family + "_amd64.s", Data: text})
		}
	}
	return files
}

// asm are the assembly functions of a kernel under their final names.
func (s *shared) asm() (funcs []*vec.Func) {
	for _, v := range s.code.Asm {
		f := *v
		f.Name, f.Text = s.named(f.Name), bytes.ReplaceAll(f.Text, []byte(kernel.Placeholder), []byte(s.name))
		funcs = append(funcs, &f)
	}
	return funcs
}
