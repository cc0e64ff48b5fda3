package gosrc

import (
	"slices"
	"strconv"
	"strings"

	"mmc/codegen"
	"mmc/codegen/emit"
	"mmc/codegen/kernel"
)

// registry collects the kernels of a package. Kernels with the same source are one.
type registry struct {
	gen    *generator
	byText map[string]*shared
	list   []*shared
	count  map[string]int
}

// shared is a kernel with the steps that call it.
type shared struct {
	name  string
	code  *kernel.Code
	users []string
}

func newRegistry(g *generator) *registry {
	return &registry{gen: g, byText: map[string]*shared{}, count: map[string]int{}}
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

// file prints the kernels and the struct that holds one of each.
func (r *registry) file(w *emit.Go) {
	w.Doc("kernels has one of each kernel: the steps of a graph fill in and run the same few structs one after another.")
	w.Block("type kernels struct", func() {
		for _, s := range r.list {
			w.Line(s.name, " ", s.name)
		}
	})
	for _, s := range r.list {
		w.Line()
		w.Doc(s.name + " " + summary(s))
		w.Text(strings.ReplaceAll(s.code.Source, kernel.Placeholder, s.name))
	}
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

// asmFiles are the assembly files.
func (r *registry) asmFiles() ([]codegen.File, error) { return nil, nil }
