package main

import (
	"fmt"
	"strings"

	"mmc/lang/syntax"
	"mmc/stdlib"
)

// library lists what the files of the standard library declare: heads and documentation, in the order of the text.
func library(*source) (string, error) {
	var b strings.Builder
	for _, name := range stdlib.Names() {
		src, err := stdlib.Read(name)
		if err != nil {
			return "", err
		}
		file, diags := syntax.Parse(name, string(src))
		if diags.HasErrors() {
			return "", diags
		}
		fmt.Fprintf(&b, "### %s\n\n", strings.TrimSuffix(name, ".mm"))
		for _, d := range file.Decls {
			if head, doc, ok := declaration(file, d); ok {
				fmt.Fprintf(&b, "- `%s`", head)
				if doc != "" {
					fmt.Fprintf(&b, "  \n  %s", strings.ReplaceAll(doc, "\n", " "))
				}
				b.WriteString("\n")
			}
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}

// declaration returns the head of a declaration, up to its body, as one line.
func declaration(f *syntax.File, d syntax.Stmt) (head, doc string, ok bool) {
	var body *syntax.Body
	switch d := d.(type) {
	case *syntax.Block:
		doc, body = d.Doc, d.Body
	case *syntax.Fn:
		doc, body = d.Doc, d.Body
	case *syntax.OptimizerDecl:
		doc, body = d.Doc, d.Body
	case *syntax.Model:
		doc, body = d.Doc, d.Body
	}
	if body == nil {
		return "", "", false
	}
	from, to := d.Span().Start.Offset, body.Range.Start.Offset
	return strings.Join(strings.Fields(f.Source[from:to]), " "), doc, true
}
