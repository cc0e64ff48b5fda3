package gosrc

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mmc/codegen"
	"mmc/codegen/emit"
)

// longest is how many lines the declarations of a generated file have, unless a single one has more.
const longest = 4000

// part is a file of the package as far as its declarations. Files are written one after another, for they share names, and
// printed all at once.
type part struct {
	name string
	text string
	err  error
	main bool // it has the package's comment
}

// declaration writes a piece of a file.
type declaration = func(w *emit.Go)

// files prints the package.
func (g *generator) files() ([]codegen.File, error) {
	names := newFileNames()
	parts := g.split(names, "cells", g.cellsFile)
	for _, gr := range g.graphs {
		parts = append(parts, g.split(names, "graph_"+snake(gr.ir.Name), gr.declarations()...)...)
	}
	if g.prepare != nil {
		parts = append(parts, g.split(names, "prepare", g.prepare.program()...)...)
	}
	if g.init != nil {
		parts = append(parts, g.split(names, "initial", g.init.program()...)...)
	}
	if g.trains() {
		parts = append(parts, g.split(names, "trainer", g.trainerFile)...)
	}
	if g.opt.Profile {
		parts = append(parts, g.split(names, "profile", g.profileFile)...)
	}
	parts = append(parts, g.kernels.goParts(names)...)
	top := g.split(names, g.opt.Package, g.modelFile) // last: it knows what the others needed
	top[0].main = true
	parts = append(parts, top...)
	var asm []codegen.File
	var done sync.WaitGroup
	done.Go(func() { asm = g.kernels.asmFiles() })
	out, err := g.print(parts)
	done.Wait()
	if err != nil {
		return nil, err
	}
	extra, err := g.extras()
	return slices.Concat(out, asm, extra), err
}

// split writes declarations, with empty lines between them, into one file, or into several where one would be too long:
// base.go, base_2.go, ..
func (g *generator) split(names *fileNames, base string, list ...declaration) (parts []part) {
	var file emit.Go
	finish := func() {
		name := base
		if len(parts) > 0 {
			name += "_" + strconv.Itoa(len(parts)+1)
		}
		parts, file = append(parts, g.part(names.give(name), &file)), emit.Go{}
	}
	lines := 0
	for _, write := range list {
		var w emit.Go
		write(&w)
		n := w.Lines()
		if lines > 0 && lines+n > longest {
			finish()
			lines = 0
		}
		if lines > 0 {
			file.Line()
		}
		file.Text(w.String())
		file.Fail(w.Err())
		lines += n + 1
	}
	finish()
	return parts
}

// part is a file of finished declarations.
func (g *generator) part(name string, w *emit.Go) part {
	p := part{name: name, text: w.String(), err: w.Err()}
	g.floorDiv = g.floorDiv || strings.Contains(p.text, "floorDiv(")
	return p
}

// print formats all files, at the same time.
func (g *generator) print(parts []part) ([]codegen.File, error) {
	out, errs := make([]codegen.File, len(parts)), make([]error, len(parts))
	var done sync.WaitGroup
	for i, p := range parts {
		done.Go(func() {
			out[i].Path = p.name
			out[i].Data, errs[i] = g.file(p)
		})
	}
	done.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", parts[i].name, err)
		}
	}
	return out, nil
}

// file is the whole text of a part: header, imports as the text needs them, declarations.
func (g *generator) file(p part) ([]byte, error) {
	var w emit.Go
	w.Line(g.header())
	w.Line()
	if p.main {
		g.packageDoc(&w)
	}
	w.Line("package ", g.opt.Package)
	w.Line()
	g.imports(&w, p.text)
	w.Line()
	w.Text(p.text)
	w.Fail(p.err)
	return w.Source()
}

func (g *generator) header() string { return g.opt.header() }

func (g *generator) packageDoc(w *emit.Go) {
	m := g.pkg.Module
	doc := strings.TrimSpace(m.Doc)
	if doc == "" {
		doc = "is the model " + m.Name + " of " + path.Base(m.File) + "."
	} else {
		doc = "is the model " + m.Name + " of " + path.Base(m.File) + ".\n\n" + doc
	}
	if len(m.Hyper) > 0 {
		doc += "\n\nHyperparameters:"
		for _, h := range m.Hyper {
			doc += " " + h.Name + " = " + h.Value + ","
		}
		doc = strings.TrimSuffix(doc, ",") + "."
	}
	w.Doc("Package " + g.opt.Package + " " + doc)
}
