package syntax

import (
	"strconv"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// rule is a production's struct. stmt makes the tree's node of it; the parser is there for ranges and reports.
type rule interface{ stmt(p *parser) Stmt }

// place is the range of a production's tokens.
func (p *parser) place(t tokens) At {
	if len(t.Tokens) == 0 {
		return At{}
	}
	return At{span(&t.Tokens[0], &t.Tokens[len(t.Tokens)-1])}
}

func identOf(t lexer.Token) Ident { return Ident{At: At{rangeOf(&t)}, Name: t.Value} }

// identsOf drops the commas of a captured list of names.
func identsOf(list []lexer.Token) []Ident {
	var names []Ident
	for _, t := range list {
		if isWord(&t) {
			names = append(names, identOf(t))
		}
	}
	return names
}

// bodyOf and pathOf are the nodes behind leaves; nil where the text has none.
func bodyOf(leaf bodyLeaf) *Body { b, _ := leaf.(*Body); return b }
func pathOf(leaf pathLeaf) *Path { p, _ := leaf.(*Path); return p }

func pathsOf(leaves []pathLeaf) []*Path {
	list := make([]*Path, len(leaves))
	for i, l := range leaves {
		list[i] = pathOf(l)
	}
	return list
}

func (r *importRule) stmt(p *parser) Stmt {
	path, _ := strconv.Unquote(r.Path.Value)
	return &Import{At: p.place(r.tokens), Path: path}
}

func (r *modelRule) stmt(p *parser) Stmt {
	n := &Model{At: p.place(r.tokens), Name: identOf(r.Name), Alias: r.Alias, Body: bodyOf(r.Body)}
	if r.Hyper != nil {
		n.Hyper = r.Hyper.params(p, "hyperparameter")
	}
	if r.Tail != nil {
		n.Body = bodyOf(r.Tail)
	}
	return n
}

func (r *blockRule) stmt(p *parser) Stmt {
	return &Block{At: p.place(r.tokens), Name: identOf(r.Name), Hyper: r.Hyper.params(p, "hyperparameter"), Sig: r.Sig.signature(p), Body: bodyOf(r.Body)}
}

func (r *graphRule) stmt(p *parser) Stmt {
	return &Graph{At: p.place(r.tokens), Train: r.Kind.Value == "train", Name: identOf(r.Name), Sig: r.Sig.signature(p), Body: bodyOf(r.Body)}
}

func (r *fnRule) stmt(p *parser) Stmt {
	return &Fn{At: p.place(r.tokens), Name: identOf(r.Name), Sig: r.Sig.signature(p), Body: bodyOf(r.Body), GradArgs: identsOf(r.GradArgs), Gradient: bodyOf(r.Gradient)}
}

func (r *optimizerRule) stmt(p *parser) Stmt {
	if r.Body == nil {
		return &OptimizerStmt{At: p.place(r.tokens), Name: identOf(r.Name), Value: r.Value, Over: r.Over}
	}
	return &OptimizerDecl{At: p.place(r.tokens), Name: identOf(r.Name), Hyper: r.Hyper.params(p, ""), Args: identsOf(r.Args), Body: bodyOf(r.Body)}
}

func (r *sigRule) signature(p *parser) Signature {
	sig := Signature{Params: r.Params.params(p, "argument"), Where: r.Where, Range: p.place(r.tokens).Range}
	switch {
	case r.Results == nil:
	case r.Results.Only != nil:
		sig.Results = []*Result{{At: At{r.Results.Only.Span()}, Type: r.Results.Only}}
	default:
		for _, n := range r.Results.Named {
			sig.Results = append(sig.Results, &Result{At: p.place(n.tokens), Name: identOf(n.Name), Type: n.Type})
		}
	}
	return sig
}

// params converts a list of parameters. needType names what they are where a type is required.
func (r *paramsRule) params(p *parser, needType string) []*Param {
	var params []*Param
	for _, q := range r.List {
		n := &Param{At: p.place(q.tokens), Name: identOf(q.Name), Inout: q.Inout, Type: q.Type, Default: q.Default}
		if n.Type == nil && needType != "" {
			p.report(diag.New("syntax.type", n.Name.Range, "the "+needType+" `"+n.Name.Name+"` has no type").
				WithHint("write `" + n.Name.Name + ": …` with a type such as `int` or `[N, D]`"))
		}
		params = append(params, n)
	}
	return params
}

func (r *assignRule) stmt(p *parser) Stmt {
	n := &Assign{At: p.place(r.tokens), Targets: pathsOf(r.Targets), Value: r.Value}
	for _, t := range n.Targets {
		if len(t.Parts) > 1 {
			p.report(diag.New("syntax.binding", t.Range, "only a plain name can be bound").
				WithHint("a cell is written with `update x = …`; a parameter gets a second name with `alias`"))
		}
	}
	return n
}

func (r *instanceRule) stmt(p *parser) Stmt {
	r.check(p)
	return &Instance{At: p.place(r.tokens), Label: pathOf(r.Label), Call: r.Call, Like: pathOf(r.Like)}
}

// check refuses `x: 3` and `x: [N]`: what a label names must be a block.
func (r *instanceRule) check(p *parser) {
	switch r.Call.(type) {
	case *Call, *PathExpr, *Select:
		return
	}
	p.report(diag.New("syntax.label", r.Call.Span(), "a label names an instance of a block").
		WithHint("write `label: Block(…)`; a binding is written `name = …` and has no type"))
}

func (r *frozenRule) stmt(p *parser) Stmt {
	r.Instance.check(p)
	return &Instance{At: p.place(r.tokens), Freeze: true, Label: pathOf(r.Instance.Label), Call: r.Instance.Call, Like: pathOf(r.Instance.Like)}
}

func (r *freezeRule) stmt(p *parser) Stmt {
	return &Freeze{At: p.place(r.tokens), Targets: r.Targets}
}

func (r *cellRule) stmt(p *parser) Stmt {
	if sign := map[bool]string{true: "=", false: "init"}[r.Kind.Value == "random"]; r.Value != nil && r.Sign.Value != sign {
		d := diag.New("syntax.cell", rangeOf(&r.Sign), "the value of a `"+r.Kind.Value+"` is written with `"+sign+"`")
		d.Fixes = []diag.Fix{{Range: d.Range, NewText: sign, Message: "write `" + sign + "`"}}
		p.report(d)
	}
	return &Cell{At: p.place(r.tokens), Kind: r.Kind.Value, Name: pathOf(r.Name), Type: r.Type, Value: r.Value}
}

func (r *constRule) stmt(p *parser) Stmt {
	return &Cell{At: p.place(r.tokens), Kind: "const", Name: pathOf(r.Name), Type: r.Type, Value: r.Value}
}

func (r *updateRule) stmt(p *parser) Stmt {
	return &Update{At: p.place(r.tokens), Target: r.Target, Value: r.Value}
}

// stmt nests the else-ifs, the last one innermost.
func (r *ifRule) stmt(p *parser) Stmt {
	if len(r.ElseIfs) > maxNesting {
		p.report(diag.New("syntax.nesting", p.place(r.ElseIfs[maxNesting].tokens).Range, "this `if` has too many branches"))
		return &If{At: p.place(r.tokens), Cond: r.Cond, Then: bodyOf(r.Then)}
	}
	rest := bodyOf(r.Else)
	end := p.place(r.tokens)
	for i := len(r.ElseIfs) - 1; i >= 0; i-- {
		e := r.ElseIfs[i]
		at := At{rangeOf(&e.Tokens[1]).To(end.Range)}
		rest = &Body{At: at, Stmts: []Stmt{&If{At: at, Cond: e.Cond, Then: bodyOf(e.Then), Else: rest}}}
	}
	return &If{At: end, Cond: r.Cond, Then: bodyOf(r.Then), Else: rest}
}

func (r *forRule) stmt(p *parser) Stmt {
	return &For{At: p.place(r.tokens), Vars: identsOf(r.Vars), Seqs: r.Seqs, Body: bodyOf(r.Body)}
}

func (r *returnRule) stmt(p *parser) Stmt { return &Return{At: p.place(r.tokens), X: r.X} }

func (r *minimizeRule) stmt(p *parser) Stmt {
	n := &Minimize{At: p.place(r.tokens), Clip: r.Clip, Accumulate: r.Accumulate, Except: r.Except, When: r.When}
	for _, l := range r.Losses {
		at := p.place(l.tokens)
		group := &Group{At: at, Over: l.Over, Using: l.Using}
		if l.Value != nil {
			n.Losses = append(n.Losses, &Loss{At: at, Name: identOf(l.Name), Value: l.Value, Groups: []*Group{group}})
			continue
		}
		if len(n.Losses) == 0 {
			p.report(diag.New("syntax.minimize", at.Range, "`minimize` needs a named loss").WithHint("write `minimize loss = … using adam(lr: 1e-3)`"))
			continue
		}
		loss := n.Losses[len(n.Losses)-1]
		loss.Groups = append(loss.Groups, group)
		loss.Range = loss.Range.To(at.Range)
	}
	return n
}

func (r *reportRule) stmt(p *parser) Stmt {
	n := &Report{At: p.place(r.tokens)}
	for _, e := range r.Entries {
		arg := &Arg{At: p.place(e.tokens), Value: e.Value}
		if e.Name.Value != "" {
			arg.Name = identOf(e.Name)
		}
		n.Entries = append(n.Entries, arg)
	}
	return n
}

func (r *expectRule) stmt(p *parser) Stmt { return &Expect{At: p.place(r.tokens), Cond: r.Cond} }

func (r *aliasRule) stmt(p *parser) Stmt {
	return &Alias{At: p.place(r.tokens), Name: pathOf(r.Name), Target: pathOf(r.Target)}
}

func (r *yieldRule) stmt(p *parser) Stmt { return &Yield{At: p.place(r.tokens), Values: r.Values} }
