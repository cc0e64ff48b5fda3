package main

import (
	"fmt"
	"io"
	"strings"

	"mmc/codegen"
	"mmc/ir"
	"mmc/ir/plan"
	"mmc/lang/syntax"
	"mmc/passes"
)

// showCmd is mmc show.
type showCmd struct {
	modelFlags
	Stage string `help:"What to print: ast, ir, grad, fused, plan, loop, go or asm." enum:"ast,ir,grad,fused,plan,loop,go,asm" default:"ir"`
	After string `help:"Print the IR after this pass (stage ir)." placeholder:"PASS"`
	Graph string `help:"Only this graph." placeholder:"NAME"`
}

// Help is shown by mmc show --help.
func (showCmd) Help() string {
	return "Examples:\n  mmc show lenet5.mm --stage ast\n  mmc show lenet5.mm --stage ir --after simplify\n  mmc show resnet.mm --model ResNet18 --stage fused\n  mmc show lenet5.mm --stage asm"
}

// Run prints the stage.
func (c *showCmd) Run(e *env) error {
	switch c.Stage {
	case "ast":
		return c.ast(e)
	case "ir":
		return c.ir(e, c.After)
	case "grad":
		return c.ir(e, "grad")
	case "go", "asm":
		return c.generated(e)
	}
	pkg, _, err := e.plan(c.modelFlags, passes.Options{})
	if err != nil {
		return err
	}
	print := map[string]func(io.Writer, *plan.Program){"fused": printFused, "plan": printPlan, "loop": printLoops}[c.Stage]
	for _, p := range append([]*plan.Program{pkg.Prepare}, pkg.Graphs...) {
		if p != nil && (c.Graph == "" || p.Graph.Name == c.Graph) {
			fmt.Fprintf(e.out, "graph %s\n", p.Graph.Name)
			print(e.out, p)
		}
	}
	return nil
}

func (c *showCmd) ast(e *env) error {
	src, err := readSource(c.File)
	if err != nil {
		return err
	}
	f, diags := syntax.Parse(shorten(c.File), string(src))
	if err := syntax.Dump(e.out, f); err != nil {
		return err
	}
	return diags.Err()
}

// ir prints the module as lowered, or after a pass.
func (c *showCmd) ir(e *env, after string) error {
	module, _, err := e.module(c.modelFlags)
	if err != nil {
		return err
	}
	if after == "" {
		return c.printModule(e, module)
	}
	seen := false
	var names []string
	for _, p := range passes.Pipeline {
		names = append(names, p.Name)
		seen = seen || p.Name == after
	}
	if !seen {
		return usageError{fmt.Errorf("there is no pass %s: there are %s", after, strings.Join(names, ", "))}
	}
	if err := passes.Until(module, after); err != nil {
		return err
	}
	return c.printModule(e, module)
}

func (c *showCmd) printModule(e *env, m *ir.Module) error {
	if c.Graph == "" {
		return m.Print(e.out)
	}
	g := m.Graph(c.Graph)
	if g == nil {
		return usageError{fmt.Errorf("model %s has no graph %s", m.Name, c.Graph)}
	}
	one := *m
	one.Graphs = []*ir.Graph{g}
	return one.Print(e.out)
}

func (c *showCmd) generated(e *env) error {
	files, err := e.generate(buildOptions{modelFlags: c.modelFlags, Package: "model", ImportPath: "model"})
	if err != nil {
		return err
	}
	for _, f := range files {
		if c.wanted(f) {
			fmt.Fprintf(e.out, "// ---- %s\n%s\n", f.Path, f.Data)
		}
	}
	return nil
}

// wanted leaves the copied runtime out: it is the same for every model.
func (c *showCmd) wanted(f codegen.File) bool {
	end := ".go"
	if c.Stage == "asm" {
		end = ".s"
	}
	return strings.HasSuffix(f.Path, end) && !strings.Contains(f.Path, "internal/")
}

func printFused(w io.Writer, p *plan.Program) {
	for i, s := range p.Steps {
		fmt.Fprintf(w, "  %3d %-7s %s  [%s]", i, s.Template, s.Name, s.Why)
		if s.Pos.IsValid() {
			fmt.Fprintf(w, "  %s", s.Pos)
		}
		fmt.Fprintln(w)
	}
}

func printPlan(w io.Writer, p *plan.Program) {
	facts := p.Graph.Facts
	fmt.Fprintf(w, "  arena %s bytes, lower bound %s\n", p.Arena.Bytes, facts.Show(p.Arena.LowerBound))
	for _, b := range p.Buffers {
		if b.Space != plan.ArenaSpace {
			fmt.Fprintf(w, "  %-8s %4d %s %s[%s]\n", b.Space, b.ID, b.Name, b.DType, facts.Show(b.Size))
			continue
		}
		if b.Last >= b.First {
			fmt.Fprintf(w, "  arena    %4d %s %s[%s] steps %d..%d at %s\n", b.ID, b.Name, b.DType, facts.Show(b.Size), b.First, b.Last, b.Offset)
		}
	}
}

func printLoops(w io.Writer, p *plan.Program) {
	for i, s := range p.Steps {
		fmt.Fprintf(w, "  %d: %s (%s)\n", i, s.Name, s.Template)
		for _, line := range strings.Split(strings.TrimRight(s.Nest.String(), "\n"), "\n") {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
}
