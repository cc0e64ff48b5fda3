package syntax

import "github.com/alecthomas/participle/v2/lexer"

// The grammar of statements and declarations, one struct for each. Statements are cut from the token stream before
// (parse.go), and the first word picks the production, so every choice here is made on one token. Expr, Type, Path,
// Body, target and applied are leaves to this grammar: exprs reads them.

// tokens is captured whole by each production; it gives the node its range.
type tokens struct{ Tokens []lexer.Token }

// The leaves. Participle tells them by interface type; behind each stands the node of the tree named here.
type (
	pathLeaf interface{ Node } // *Path
	bodyLeaf interface{ Node } // *Body
	target   interface{ Expr } // what an update writes: a path with an optional subscript
	applied  interface{ Expr } // what a label names: a call, without operators
)

type importRule struct {
	tokens
	Path lexer.Token `parser:"'import' @String"`
}

type modelRule struct {
	tokens
	Name  lexer.Token `parser:"'model' @Ident"`
	Alias Expr        `parser:"( '=' @@"`
	Tail  bodyLeaf    `parser:"  @@?"`
	Hyper *paramsRule `parser:"| @@?"`
	Body  bodyLeaf    `parser:"  @@ )"`
}

type blockRule struct {
	tokens
	Name  lexer.Token `parser:"'block' @Ident"`
	Hyper paramsRule  `parser:"@@"`
	Sig   sigRule     `parser:"@@"`
	Body  bodyLeaf    `parser:"@@"`
}

type graphRule struct {
	tokens
	Kind lexer.Token `parser:"@('graph' | 'train')"`
	Name lexer.Token `parser:"@Ident"`
	Sig  sigRule     `parser:"@@"`
	Body bodyLeaf    `parser:"@@"`
}

type fnRule struct {
	tokens
	Name     lexer.Token   `parser:"'fn' @Ident"`
	Sig      sigRule       `parser:"@@"`
	Body     bodyLeaf      `parser:"@@"`
	GradArgs []lexer.Token `parser:"( 'gradient' '(' @( Ident ( ',' Ident )* ) ')'"`
	Gradient bodyLeaf      `parser:"  @@ )?"`
}

type optimizerRule struct {
	tokens
	Name  lexer.Token   `parser:"'optimizer' @Ident"`
	Value Expr          `parser:"( '=' @@"`
	Over  []Expr        `parser:"  ( 'over' @@ ( ',' @@ )* )?"`
	Hyper *paramsRule   `parser:"| @@"`
	Args  []lexer.Token `parser:"  '(' @( Ident ( ',' Ident )* ) ')'"`
	Body  bodyLeaf      `parser:"  @@ )"`
}

type sigRule struct {
	tokens
	Params  paramsRule   `parser:"@@"`
	Results *resultsRule `parser:"( '->' @@ )?"`
	Where   []Expr       `parser:"( 'where' @@ ( ',' @@ )* )?"`
}

type paramsRule struct {
	tokens
	List []*paramRule `parser:"'(' ( @@ ( (?! ',' ')') ',' @@ )* ','? )? ')'"`
}

type paramRule struct {
	tokens
	Name    lexer.Token `parser:"@Ident"`
	Inout   bool        `parser:"( ':' @'inout'?"`
	Type    Type        `parser:"  @@ )?"`
	Default Expr        `parser:"( '=' @@ )?"`
}

type resultsRule struct {
	tokens
	Named []*resultRule `parser:"  '(' @@ ( ',' @@ )* ')'"`
	Only  Type          `parser:"| @@"`
}

type resultRule struct {
	tokens
	Name lexer.Token `parser:"@Ident ':'"`
	Type Type        `parser:"@@"`
}

type assignRule struct {
	tokens
	Targets []pathLeaf `parser:"@@ ( ',' @@ )* '='"`
	Value   Expr       `parser:"@@"`
}

type instanceRule struct {
	tokens
	Label pathLeaf `parser:"@@ ':'"`
	Call  applied  `parser:"@@"`
	Like  pathLeaf `parser:"( 'like' @@ )?"`
}

// freezeRule is tried only where no label follows; a frozen instance is an instanceRule behind the word.
type freezeRule struct {
	tokens
	Targets []Expr `parser:"'freeze' @@ ( ',' @@ )*"`
}

type frozenRule struct {
	tokens
	Instance *instanceRule `parser:"'freeze' @@"`
}

type cellRule struct {
	tokens
	Kind  lexer.Token `parser:"@('param' | 'state' | 'cache' | 'random')"`
	Name  pathLeaf    `parser:"@@ ':'"`
	Type  Type        `parser:"@@"`
	Sign  lexer.Token `parser:"( @( 'init' | '=' )"`
	Value Expr        `parser:"  @@ )?"`
}

type constRule struct {
	tokens
	Name  pathLeaf `parser:"'const' @@"`
	Type  Type     `parser:"( ':' @@ )?"`
	Value Expr     `parser:"'=' @@"`
}

type updateRule struct {
	tokens
	Target target `parser:"'update' @@ '='"`
	Value  Expr   `parser:"@@"`
}

type ifRule struct {
	tokens
	Cond    Expr          `parser:"'if' @@"`
	Then    bodyLeaf      `parser:"@@"`
	ElseIfs []*elseIfRule `parser:"( (?= 'else' 'if') @@ )*"`
	Else    bodyLeaf      `parser:"( 'else' @@ )?"`
}

type elseIfRule struct {
	tokens
	Cond Expr     `parser:"'else' 'if' @@"`
	Then bodyLeaf `parser:"@@"`
}

type forRule struct {
	tokens
	Vars []lexer.Token `parser:"'for' @( Ident ( ',' Ident )* ) 'in'"`
	Seqs []Expr        `parser:"@@ ( ',' @@ )*"`
	Body bodyLeaf      `parser:"@@"`
}

type returnRule struct {
	tokens
	X Expr `parser:"'return' @@"`
}

type minimizeRule struct {
	tokens
	Losses     []*lossRule `parser:"'minimize' @@ ( ',' @@ )*"`
	Clip       Expr        `parser:"( 'clip' @@ )?"`
	Accumulate Expr        `parser:"( 'accumulate' @@ )?"`
	Except     []Expr      `parser:"( 'except' @@ ( ',' @@ )*"`
	When       Expr        `parser:"  ( 'when' @@ )? )?"`
}

// lossRule without a name is a further parameter group of the loss before it.
type lossRule struct {
	tokens
	Name  lexer.Token `parser:"( @Ident '='"`
	Value Expr        `parser:"  @@ )?"`
	Over  []Expr      `parser:"( 'over' @@ ( ',' @@ )* )?"`
	Using Expr        `parser:"'using' @@"`
}

type reportRule struct {
	tokens
	Entries []*entryRule `parser:"'report' @@ ( ',' @@ )*"`
}

type entryRule struct {
	tokens
	Name  lexer.Token `parser:"( (?= Ident '=') @Ident '=' )?"`
	Value Expr        `parser:"@@"`
}

type expectRule struct {
	tokens
	Cond Expr `parser:"'expect' @@"`
}

type aliasRule struct {
	tokens
	Name   pathLeaf `parser:"'alias' @@ '='"`
	Target pathLeaf `parser:"@@"`
}

type yieldRule struct {
	tokens
	Values []Expr `parser:"'yield' @@ ( ',' @@ )*"`
}

// statementRule lists all productions. It is what participle builds; parse.go goes straight to its members.
type statementRule struct {
	Import    *importRule    `parser:"  @@"`
	Model     *modelRule     `parser:"| @@"`
	Block     *blockRule     `parser:"| @@"`
	Graph     *graphRule     `parser:"| @@"`
	Fn        *fnRule        `parser:"| @@"`
	Optimizer *optimizerRule `parser:"| @@"`
	Cell      *cellRule      `parser:"| @@"`
	Const     *constRule     `parser:"| @@"`
	Update    *updateRule    `parser:"| @@"`
	If        *ifRule        `parser:"| @@"`
	For       *forRule       `parser:"| @@"`
	Return    *returnRule    `parser:"| @@"`
	Minimize  *minimizeRule  `parser:"| @@"`
	Report    *reportRule    `parser:"| @@"`
	Freeze    *freezeRule    `parser:"| @@"`
	Frozen    *frozenRule    `parser:"| @@"`
	Expect    *expectRule    `parser:"| @@"`
	Alias     *aliasRule     `parser:"| @@"`
	Yield     *yieldRule     `parser:"| @@"`
	Instance  *instanceRule  `parser:"| @@"`
	Assign    *assignRule    `parser:"| @@"`
	Expr      Expr           `parser:"| @@"`
}
