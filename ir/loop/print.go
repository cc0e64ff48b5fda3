package loop

import (
	"fmt"
	"strconv"
	"strings"
)

// String prints the nest for people:
//
//	for n < N, o < 16, reduce c < 3
//	  %0 = load in0[n, c, h + k - 1] else 0
//	  sum0 = sum(%2)
//	  out0[n, o] = %4
func (n *Nest) String() string {
	p := &printer{n: n}
	for _, out := range n.InitOut {
		p.line("out%d[...] = 0", out)
	}
	var axes []string
	for i, a := range n.Axes {
		axes = append(axes, map[bool]string{true: "reduce "}[a.Reduce]+n.axis(i)+" < "+a.Extent.String())
	}
	p.line("for %s", strings.Join(axes, ", "))
	p.body(0, n.Split)
	for i, a := range n.Accs {
		p.line("  acc%d = %s(%%%d) %s", i, a.Combine, a.Value, a.Type)
	}
	p.body(n.Split, len(n.Body))
	for _, s := range n.Stores {
		sign := "="
		if s.Accumulate {
			sign = "+="
		}
		p.line("  out%d%s %s %%%d", s.Out, p.index(s.Index), sign, s.Value)
	}
	return p.text.String()
}

// axis names an axis; names that several axes share get their number.
func (n *Nest) axis(i int) string {
	for j, a := range n.Axes {
		if j != i && a.Name == n.Axes[i].Name {
			return n.Axes[i].Name + "_" + strconv.Itoa(i)
		}
	}
	return n.Axes[i].Name
}

type printer struct {
	n    *Nest
	text strings.Builder
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

func (p *printer) body(from, to int) {
	for i := from; i < to; i++ {
		p.line("  %%%d = %s", i, p.inst(&p.n.Body[i]))
	}
}

func (p *printer) inst(in *Inst) string {
	switch in.Op {
	case Load:
		s := fmt.Sprintf("load in%d%s", in.Access.Arg, p.index(in.Access.Index))
		if in.Access.Guard {
			s += fmt.Sprintf(" else %g", in.Access.Fill)
		}
		return s
	case Const:
		return fmt.Sprintf("%g %s", in.Imm, in.Type)
	case DimValue:
		return fmt.Sprintf("%s(%s)", in.Type, in.Dim)
	case Position:
		return fmt.Sprintf("%s(%s)", in.Type, p.n.axis(in.Axis))
	case Result:
		return fmt.Sprintf("acc%d", in.Axis)
	}
	args := make([]string, len(in.Args))
	for i, r := range in.Args {
		args[i] = fmt.Sprintf("%%%d", r)
	}
	return fmt.Sprintf("%s(%s) %s", in.Op, strings.Join(args, ", "), in.Type)
}

func (p *printer) index(index []Index) string {
	parts := make([]string, len(index))
	for i, x := range index {
		var sum []string
		for _, t := range x.Terms {
			if t.Coef.IsConst(1) {
				sum = append(sum, p.n.axis(t.Axis))
			} else {
				sum = append(sum, "("+t.Coef.String()+") * "+p.n.axis(t.Axis))
			}
		}
		if x.Via != NoReg {
			sum = append(sum, fmt.Sprintf("%%%d", x.Via))
		}
		if !x.Off.IsConst(0) || len(sum) == 0 {
			sum = append(sum, x.Off.String())
		}
		parts[i] = strings.Join(sum, " + ")
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
