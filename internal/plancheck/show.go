package plancheck

import (
	"fmt"
	"strings"

	"mmc/ir/plan"
)

// Show lists the steps of a program: template, what runs, and of each operand and result the buffer with its place and strides.
// Borders of arena buffers follow.
func Show(p *plan.Program) string {
	var out strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&out, "%s %s\n", s.Template, s.Name)
		for _, v := range s.In {
			fmt.Fprintf(&out, "  <- %s\n", viewText(v))
		}
		for _, v := range s.Out {
			fmt.Fprintf(&out, "  -> %s\n", viewText(v))
		}
	}
	for _, b := range p.Buffers {
		for _, e := range b.Borders {
			if b.Last >= b.First {
				fmt.Fprintf(&out, "border of %s: axis %d, %s before, %s behind\n", b.Name, e.Axis, e.Low, e.High)
			}
		}
	}
	return out.String()
}

func viewText(v plan.View) string {
	text := fmt.Sprintf("%s %s %v", v.Buf.Space, v.Buf.Name, v.Strides)
	if !v.Offset.IsConst(0) {
		text += " at " + v.Offset.String()
	}
	if v.Panel != nil {
		text += fmt.Sprintf(" in panels of %d", v.Panel.Width)
	}
	return text
}
