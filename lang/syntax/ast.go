// Package syntax reads .mm text: lexer, grammar, error recovery, the abstract syntax tree with ranges and comments,
// and the formatter. It gives no meaning to names; that is lang/check. The parser's own types (participle) stay
// private, so that no other package knows how the text was read.
package syntax

import "mmc/internal/diag"

// Node is anything with a place in a file.
type Node interface{ Span() diag.Range }

// At is the place of a node; every node embeds one.
type At struct{ Range diag.Range }

// Span returns the node's range.
func (a At) Span() diag.Range { return a.Range }

// File is one parsed .mm file.
type File struct {
	Name     string
	Source   string
	Decls    []Stmt // Import, Model, Block, Fn, Optimizer, Cell (const)
	Comments []Comment
}

// Comment is one // comment, Text without the slashes and without the space after them. Tail says that code stands
// before it on its line.
type Comment struct {
	At
	Text string
	Tail bool
}

// Ident is one plain word.
type Ident struct {
	At
	Name string
}

// Path is a dotted name whose parts may hold interpolations: conv1, downsample.0, layer{s + 1}.{b}, lm.h.{i}.
// A plain word is a Path of one part with one piece of text.
type Path struct {
	At
	Parts []PathPart
}

// PathPart is what stands between two dots: pieces that are glued together.
type PathPart struct {
	At
	Pieces []Piece
}

// Piece is either text or an interpolated expression.
type Piece struct {
	Text string
	Expr Expr
}

// Word returns the path's text where it is a single plain word, else "".
func (p *Path) Word() string {
	if len(p.Parts) == 1 && len(p.Parts[0].Pieces) == 1 && p.Parts[0].Pieces[0].Expr == nil {
		return p.Parts[0].Pieces[0].Text
	}
	return ""
}

// ---- Declarations. They are statements too, since a model's body mixes them with instances and loops.

type (
	// Import is `import "std/vision"`.
	Import struct {
		At
		Path string
	}

	// Model is `model Name(hyper) { … }`, or an alias `model Name = Other(args) { expect … }`: then Alias is set and
	// Body holds only expect statements.
	Model struct {
		At
		Doc   string
		Name  Ident
		Hyper []*Param
		Alias Expr
		Body  *Body
	}

	// Block is `block Name(hyper)(data) -> results where facts { … }`.
	Block struct {
		At
		Doc   string
		Name  Ident
		Hyper []*Param
		Sig   Signature
		Body  *Body
	}

	// Fn is `fn name(x: [...], a: float = 1) -> [...] { … } gradient(d) { … }`: stateless.
	Fn struct {
		At
		Doc      string
		Name     Ident
		Sig      Signature
		Body     *Body
		GradArgs []Ident // names of the incoming gradients; nil without a gradient clause
		Gradient *Body
	}

	// Graph is `graph name(args) -> results where facts { … }`, or with Train `train name(args) { … }`.
	Graph struct {
		At
		Doc   string
		Train bool
		Name  Ident
		Sig   Signature
		Body  *Body
	}

	// OptimizerDecl is `optimizer adam(lr: float = 1e-3)(p, g) { … }` at top level.
	OptimizerDecl struct {
		At
		Doc   string
		Name  Ident
		Hyper []*Param
		Args  []Ident // the parameter and its gradient
		Body  *Body
	}
)

// Signature is what graphs, blocks and functions share.
type Signature struct {
	Params  []*Param
	Results []*Result
	Where   []Expr
	Range   diag.Range
}

// Param is a hyperparameter or a data argument: `name: inout type = default`. Type may be nil (an optimizer's lr).
type Param struct {
	At
	Name    Ident
	Inout   bool
	Type    Type
	Default Expr
}

// Result is one result; Name is empty for an only, unnamed one.
type Result struct {
	At
	Name Ident
	Type Type
}

// Type is *TensorType, *NamedType, *ListType or *LikeType.
type Type interface {
	Node
	typeNode()
}

type (
	// TensorType is `f32[N, C, H / 2]`; DType is empty for the default float type. Rank-polymorphic shapes hold one Ellipsis.
	TensorType struct {
		At
		DType string
		Dims  []*Dim
	}
	// NamedType is int, float, bool, string, dim, block, dtype, … or a bare tensor scalar dtype (`eos: i32`).
	NamedType struct {
		At
		Name string
	}
	// LikeType is `like p`: the type of another cell (an optimizer's state).
	LikeType struct {
		At
		Path *Path
	}
	// ListType is `[int]` in a hyperparameter: told from a tensor shape by lang/check, which knows where it stands.
	// The parser yields a TensorType for `[int]`; ListType is made for nested lists `[[int]]`.
	ListType struct {
		At
		Elem Type
	}
)

// Dim is one entry of a shape: an expression, `...`, or `?K` with an optional bound `<= e`.
type Dim struct {
	At
	Ellipsis bool
	Unknown  string // K of ?K
	Expr     Expr   // the size; of ?K the bound, or nil
}

func (*TensorType) typeNode() {}
func (*NamedType) typeNode()  {}
func (*ListType) typeNode()   {}
func (*LikeType) typeNode()   {}

// ---- Statements

// Stmt is a statement or a declaration.
type Stmt interface {
	Node
	stmtNode()
}

// Body is `{ … }`.
type Body struct {
	At
	Stmts []Stmt
}

type (
	// Assign is `a = e` or `a, b = e`. A target is a plain word; `_` drops a value.
	Assign struct {
		At
		Targets []*Path
		Value   Expr
	}
	// ExprStmt is an expression that stands alone: a body's result, a scan, a labelled call.
	ExprStmt struct {
		At
		X Expr
	}
	// Instance is `label: Block(hyper)` at statement start, with `freeze` before it or `like path` after it.
	Instance struct {
		At
		Freeze bool
		Label  *Path
		Call   Expr
		Like   *Path
	}
	// Cell declares a named tensor: `param w: [out, D] init 0`, `state`, `cache`, `const t = e`, `random k: [...] = bernoulli(p)`.
	// Value is what stands after `init` or `=`.
	Cell struct {
		At
		Kind  string // param, state, cache, const, random
		Name  *Path
		Type  Type
		Value Expr
	}
	// Update is `update x = e` or `update x[i, a : b] = e`; Target is a PathExpr or an Index of one.
	Update struct {
		At
		Target Expr
		Value  Expr
	}
	// If is the compile-time conditional. Else is nil, a *Body, or holds a single nested If for `else if`.
	If struct {
		At
		Cond Expr
		Then *Body
		Else *Body
	}
	// For is the compile-time loop `for i in e`, `for i, x in e`, or two lists in step (`for a, b in xs, ys`).
	For struct {
		At
		Vars []Ident
		Seqs []Expr
		Body *Body
	}
	// Return is `return e`: leaves the block or function early, at compile time.
	Return struct {
		At
		X Expr
	}
	// Minimize is `minimize a = e over p using o, b = e using o clip norm(1.0) accumulate 4 except q when c`.
	Minimize struct {
		At
		Losses     []*Loss
		Clip       Expr
		Accumulate Expr
		Except     []Expr
		When       Expr
	}
	// Report is `report a, b = e`: an entry without = reports the value of that name.
	Report struct {
		At
		Entries []*Arg
	}
	// Freeze is `freeze a, b` on declared instances.
	Freeze struct {
		At
		Targets []Expr
	}
	// OptimizerStmt is `optimizer o = adam(lr: 1e-3) over D` in a model.
	OptimizerStmt struct {
		At
		Name  Ident
		Value Expr
		Over  []Expr
	}
	// Expect is `expect params(classify) == 25_557_032`.
	Expect struct {
		At
		Cond Expr
	}
	// Alias is `alias lm_head.weight = transformer.wte.weight`.
	Alias struct {
		At
		Name   *Path
		Target *Path
	}
	// Yield is `yield a, b` in a scan or loop body.
	Yield struct {
		At
		Values []Expr
	}
)

// Loss is one `name = e` of a minimize statement with its parameter groups.
type Loss struct {
	At
	Name   Ident
	Value  Expr
	Groups []*Group
}

// Group is `over a, b using o`; an empty Over means all parameters that the loss reaches.
type Group struct {
	At
	Over  []Expr
	Using Expr
}

func (*Import) stmtNode()        {}
func (*Model) stmtNode()         {}
func (*Block) stmtNode()         {}
func (*Fn) stmtNode()            {}
func (*Graph) stmtNode()         {}
func (*OptimizerDecl) stmtNode() {}
func (*Assign) stmtNode()        {}
func (*ExprStmt) stmtNode()      {}
func (*Instance) stmtNode()      {}
func (*Cell) stmtNode()          {}
func (*Update) stmtNode()        {}
func (*If) stmtNode()            {}
func (*For) stmtNode()           {}
func (*Return) stmtNode()        {}
func (*Minimize) stmtNode()      {}
func (*Report) stmtNode()        {}
func (*Freeze) stmtNode()        {}
func (*OptimizerStmt) stmtNode() {}
func (*Expect) stmtNode()        {}
func (*Alias) stmtNode()         {}
func (*Yield) stmtNode()         {}

// ---- Expressions

// Expr is an expression.
type Expr interface {
	Node
	exprNode()
}

type (
	// PathExpr is a name with its interpolations but without dots: x, weight_ih_l{l}. Dots are Select.
	PathExpr struct {
		At
		Name *Path
	}
	// Number is a literal; Text is as written (underscores, exponent). Int says that it has neither point nor exponent.
	Number struct {
		At
		Text string
		Int  bool
	}
	// String is a string literal, unquoted.
	String struct {
		At
		Value string
	}
	// Word is one of the value keywords: true, false, none, training, decoding, self. (`new` is a plain name, except as a
	// whole subscript, where Sub.New says so.)
	Word struct {
		At
		Name string
	}
	// List is `[a, b]`.
	List struct {
		At
		Elems []Expr
	}
	// Tuple is `(a, b)`; parentheses around one expression are Paren.
	Tuple struct {
		At
		Elems []Expr
	}
	// Paren is `(e)`, kept for the formatter.
	Paren struct {
		At
		X Expr
	}
	// Unary is `-x` or `not x`.
	Unary struct {
		At
		Op string
		X  Expr
	}
	// Binary is `x op y` with op one of ** * / % @ + - .. == != < <= > >= and or.
	Binary struct {
		At
		Op   string
		OpAt diag.Range
		X, Y Expr
	}
	// Call is `f(args)`.
	Call struct {
		At
		Fun  Expr
		Args []*Arg
	}
	// Select is `x.name`, `x.T`, `lm.h.{i}`.
	Select struct {
		At
		X    Expr
		Name PathPart
	}
	// Index is `x[subs]`.
	Index struct {
		At
		X    Expr
		Subs []*Sub
	}
	// Pipe is `x |> [label:] application`. Like is the path after `like`.
	Pipe struct {
		At
		X     Expr
		Label *Path
		Call  Expr
		Like  *Path
	}
	// IfExpr is `if c { a } else { b }` as a value.
	IfExpr struct {
		At
		Cond Expr
		Then *Body
		Else *Body
	}
	// In is `in eval { … }`; Mode is eval, train, decoding or a dtype.
	In struct {
		At
		Mode Ident
		Body *Body
	}
	// Scan is `scan [reverse] x, y in xs, ys with h = h0 length n checkpoint k { … }`.
	Scan struct {
		At
		Reverse    bool
		Vars       []Ident
		Seqs       []Expr
		With       []*Arg
		Length     Expr
		Checkpoint Expr
		Body       *Body
	}
	// Loop is `loop i in 0..n with a = e { … } until done`.
	Loop struct {
		At
		Var   Ident
		Seq   Expr
		With  []*Arg
		Body  *Body
		Until Expr
	}
	// Cond is `cond(c) { … } else { … }`: a run-time choice on a scalar.
	Cond struct {
		At
		Cond Expr
		Then *Body
		Else *Body
	}
	// Bad stands where an expression could not be read; an error has been reported.
	Bad struct{ At }
)

// Arg is an argument, named or not; in `with` and `report` the Name is what is bound.
type Arg struct {
	At
	Name  Ident // empty when positional
	Value Expr
}

// Sub is one subscript: an index expression, a slice lo : hi : step (any may be nil), `new`, or `...`.
type Sub struct {
	At
	Index        Expr
	Slice        bool
	Lo, Hi, Step Expr
	New          bool
	Ellipsis     bool
}

func (*PathExpr) exprNode() {}
func (*Number) exprNode()   {}
func (*String) exprNode()   {}
func (*Word) exprNode()     {}
func (*List) exprNode()     {}
func (*Tuple) exprNode()    {}
func (*Paren) exprNode()    {}
func (*Unary) exprNode()    {}
func (*Binary) exprNode()   {}
func (*Call) exprNode()     {}
func (*Select) exprNode()   {}
func (*Index) exprNode()    {}
func (*Pipe) exprNode()     {}
func (*IfExpr) exprNode()   {}
func (*In) exprNode()       {}
func (*Scan) exprNode()     {}
func (*Loop) exprNode()     {}
func (*Cond) exprNode()     {}
func (*Bad) exprNode()      {}
