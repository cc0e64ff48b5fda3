package syntax

import (
	"sort"
	"strings"
)

// attachDocs gives each declaration the comment lines that stand directly above it.
func attachDocs(f *File) {
	docs := &docFinder{comments: f.Comments}
	docs.visit(f.Decls)
}

type docFinder struct{ comments []Comment }

func (d *docFinder) visit(list []Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *Model:
			s.Doc = d.above(s.Range.Start.Line)
			if s.Body != nil {
				d.visit(s.Body.Stmts)
			}
		case *Block:
			s.Doc = d.above(s.Range.Start.Line)
		case *Fn:
			s.Doc = d.above(s.Range.Start.Line)
		case *Graph:
			s.Doc = d.above(s.Range.Start.Line)
		case *OptimizerDecl:
			s.Doc = d.above(s.Range.Start.Line)
		}
	}
}

// above joins the comments on consecutive lines that end just before line.
func (d *docFinder) above(line int) string {
	end := sort.Search(len(d.comments), func(i int) bool { return d.comments[i].Range.Start.Line >= line })
	begin := end
	for begin > 0 && !d.comments[begin-1].Tail && d.comments[begin-1].Range.Start.Line == line-1 {
		begin--
		line--
	}
	lines := make([]string, 0, end-begin)
	for _, c := range d.comments[begin:end] {
		lines = append(lines, c.Text)
	}
	return strings.Join(lines, "\n")
}
