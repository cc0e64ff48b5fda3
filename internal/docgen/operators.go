package main

import (
	"fmt"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/op"
)

// families are the operator kinds in the order of the page, with what they share.
var families = []struct {
	kind ir.Kind
	text string
}{
	{ir.Elementwise, "Element i of the result depends on element i of the operands alone. Operands are broadcast."},
	{ir.Broadcast, "Repeats elements. Operators broadcast by themselves; to write it out is seldom needed."},
	{ir.Injective, "Each element of the result is one element of an operand, or a constant."},
	{ir.Reduction, "Joins elements along axes."},
	{ir.Contraction, "Sums products of two operands."},
	{ir.Window, "Joins elements of sliding windows over the last axes of x [N, C, \\*S]."},
	{ir.Opaque, "Reads and writes at places that data decide."},
	{ir.Structural, "Is about the program, not about numbers."},
}

// operators prints a table of operators per kind. Those that only passes and gradients make are left out.
func operators(*source) (string, error) {
	var b strings.Builder
	for _, f := range families {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n| operator | meaning | gradient |\n|---|---|---|\n", title(f.kind.String()), f.text)
		for _, o := range op.All() {
			if o.Kind == f.kind && !o.Has(ir.Hidden) {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", signature(o), meaning(o), differentiable(o))
			}
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}

// signature writes a record as a call: conv(x, w, stride, groups = 1).
func signature(o *ir.Op) string {
	args := append([]string(nil), o.Operands...)
	for _, p := range o.Params {
		s := p.Name + ": " + kinds[p.Kind]
		if p.Default != nil {
			s += " = " + value(p.Default)
		}
		args = append(args, s)
	}
	return o.Name + "(" + strings.Join(args, ", ") + ")"
}

// kinds are the attribute types as the language writes them.
var kinds = map[ir.ParamKind]string{
	ir.PInt: "int", ir.PFloat: "float", ir.PBool: "bool", ir.PText: "string", ir.PInts: "[int]",
	ir.PDim: "dim", ir.PDims: "[dim]", ir.PDType: "dtype", ir.PFloats: "[float]",
}

func value(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case dim.Expr:
		return v.String()
	}
	return strings.ReplaceAll(fmt.Sprint(v), " ", ", ")
}

// meaning is the record's text with what its attributes are, safe in a table.
func meaning(o *ir.Op) string {
	text := o.Doc
	for _, p := range o.Params {
		if p.Doc != "" {
			text += fmt.Sprintf(" `%s`: %s.", p.Name, p.Doc)
		}
	}
	return strings.NewReplacer("|", "\\|", "*S", "\\*S", "*P", "\\*P", "*K", "\\*K", " * ", " \\* ").Replace(text)
}

func differentiable(o *ir.Op) string {
	if o.Has(ir.NoGradient) || o.Grad == nil {
		return "none"
	}
	return "yes"
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
