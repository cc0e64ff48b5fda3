package parity

import (
	"fmt"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/passes/grad"
)

// Build compiles the model of a program to graphs in which all gradients are expanded.
func Build(p Program) (*ir.Module, error) {
	files, diags := check.Load(p.File, readSource)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	prog, diags := check.Check(files, check.Options{Ops: op.Lookup, Models: []string{}})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	name, err := p.model(prog)
	if err != nil {
		return nil, err
	}
	model, diags := check.Instantiate(prog, name, p.Set)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	mod, diags := lower.Lower(model)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	for _, g := range mod.Graphs {
		grad.Expand(g)
		if p.Sides {
			addSides(g)
		}
	}
	return mod, nil
}

// model is the name of the model to build.
func (p Program) model(prog *check.Program) (string, error) {
	if p.Model != "" {
		return p.Model, nil
	}
	names := prog.ModelNames()
	if len(names) != 1 {
		return "", fmt.Errorf("%s: which model? It has %q", p.File, names)
	}
	return names[0], nil
}
