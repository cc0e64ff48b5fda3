package main

import (
	"fmt"
	"io"
	"strings"

	"mmc/codegen/gosrc"
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
	Graph string `help:"Only this graph (not of ast, go and asm)." placeholder:"NAME"`
}

// Help is shown by mmc show --help.
func (showCmd) Help() string {
	return `The stages, in order:
  ast    the parsed file
  ir     the model as lowered; --after PASS: as that pass leaves it
  grad   the IR with gradients expanded
  fused  the kernels that remain, each with the reason for its template
  plan   where every buffer lies, and from which step to which it lives
  loop   the loop nests of the kernels
  go     the generated Go files, without the runtime
  asm    the generated assembly
The passes are ` + strings.Join(passNames(), ", ") + `.

Examples:
  mmc show lenet5.mm --stage ast
  mmc show lenet5.mm --after simplify
  mmc show resnet.mm --model ResNet18 --stage fused --graph classify
  mmc show lenet5.mm --stage asm`
}

func passNames() (names []string) {
	for _, p := range passes.Pipeline {
		names = append(names, p.Name)
	}
	return names
}

// stage is how a stage is printed, and whether it prints a graph by itself.
type stage struct {
	show    func(c *showCmd, e *env) error
	byGraph bool
}

var stages = map[string]stage{
	"ast":   {(*showCmd).ast, false},
	"ir":    {func(c *showCmd, e *env) error { return c.ir(e, c.After) }, true},
	"grad":  {func(c *showCmd, e *env) error { return c.ir(e, "grad") }, true},
	"fused": {planned(printFused), true},
	"plan":  {planned(printPlan), true},
	"loop":  {planned(printLoops), true},
	"go":    {generated(".go"), false},
	"asm":   {generated(".s"), false},
}

// Run prints the stage.
func (c *showCmd) Run(e *env) error {
	s := stages[c.Stage]
	switch {
	case c.After != "" && c.Stage != "ir":
		return misuse("--after is for the stage ir, not for %s", c.Stage)
	case c.Graph != "" && !s.byGraph:
		return misuse("the stage %s is not told apart by graphs: leave --graph out", c.Stage)
	}
	return s.show(c, e)
}

func (c *showCmd) ast(e *env) error {
	name := shorten(c.File)
	src, err := readSource(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f, diags := syntax.Parse(name, string(src))
	if err := syntax.Dump(e.out, f); err != nil {
		return err
	}
	return diags.Err()
}

// ir prints the module as lowered, or after a pass.
func (c *showCmd) ir(e *env, after string) error {
	if names := passNames(); after != "" && !strings.Contains(" "+strings.Join(names, " ")+" ", " "+after+" ") {
		return misuse("there is no pass %s%s; there are %s", after, suggestion(after, names), strings.Join(names, ", "))
	}
	module, _, err := e.module(c.modelFlags)
	if err != nil {
		return err
	}
	if err := knownGraph(module, c.Graph); err != nil {
		return err
	}
	if c.Graph != "" {
		one := *module
		one.Graphs = []*ir.Graph{module.Graph(c.Graph)}
		module = &one
	}
	if after != "" {
		_, err = compute(e.ctx, func() (any, error) { return nil, passes.Until(module, after) })
	}
	if err != nil {
		return err
	}
	return module.Print(e.out)
}

// planned prints each program of the plan.
func planned(print func(w io.Writer, p *plan.Program)) func(c *showCmd, e *env) error {
	return func(c *showCmd, e *env) error {
		pkg, _, err := e.plan(c.modelFlags)
		if err != nil {
			return err
		}
		if err := knownGraph(pkg.Module, c.Graph); err != nil {
			return err
		}
		for _, p := range append([]*plan.Program{pkg.Prepare, pkg.Init}, pkg.Graphs...) {
			if p != nil && (c.Graph == "" || p.Graph.Name == c.Graph) {
				fmt.Fprintf(e.out, "graph %s\n", p.Graph.Name)
				print(e.out, p)
			}
		}
		return nil
	}
}

// generated prints the files with that ending, without the copied runtime, which is the same for every model.
func generated(ending string) func(c *showCmd, e *env) error {
	return func(c *showCmd, e *env) error {
		build := buildCmd{Files: []string{c.File}, Set: c.Set, Out: "model", Package: "model", Runtime: "copy"}
		if c.Model != "" {
			build.Models = []string{c.Model}
		}
		files, _, err := build.compile(e, c.modelFlags, gosrc.Options{Package: "model", ImportPath: "model"})
		if err != nil {
			return err
		}
		for _, f := range files {
			if strings.HasSuffix(f.Path, ending) && !strings.Contains(f.Path, "internal/") {
				fmt.Fprintf(e.out, "// ---- %s\n%s\n", f.Path, f.Data)
			}
		}
		return nil
	}
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
	fmt.Fprintf(w, "  arena %s bytes, lower bound %s\n", facts.Show(p.Arena.Bytes), facts.Show(p.Arena.LowerBound))
	for _, b := range p.Buffers {
		if b.Space != plan.ArenaSpace {
			fmt.Fprintf(w, "  %-8s %4d %s %s[%s]\n", b.Space, b.ID, b.Name, b.DType, facts.Show(b.Size))
			continue
		}
		if b.Last >= b.First {
			fmt.Fprintf(w, "  arena    %4d %s %s[%s] steps %d..%d at %s\n", b.ID, b.Name, b.DType, facts.Show(b.Size), b.First, b.Last, facts.Show(b.Offset))
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
