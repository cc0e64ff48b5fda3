package vec

import "strings"

// Target is an instruction set, or a language, to print for.
type Target struct {
	Name  string // as it stands in file and function names
	Lanes int    // of a vector

	files  [numClasses]int // sizes of the register files; nil patterns need none
	forms  *[numOps]form
	masked *[numOps]form // forms under a lane mask
	print  func(b *Builder, loose []bool) ([]byte, int, error)
}

// form is a pattern cut into pieces: literal text, then one operand.
type form []piece

type piece struct {
	text string
	what byte // operand after the text: see the printers; 0 is none
	view byte // x or y: the low part of a vector register
}

// compile cuts a pattern. %d %a %b %c %m are registers (%xa is the low quarter of a vector), %@ is memory, %# the immediate.
func compile(pattern string) form {
	var f form
	for {
		text, rest, found := strings.Cut(pattern, "%")
		if !found {
			return append(f, piece{text: text})
		}
		p := piece{text: text, what: rest[0]}
		if rest = rest[1:]; p.what == 'x' || p.what == 'y' {
			p.view, p.what, rest = p.what, rest[0], rest[1:]
		}
		f, pattern = append(f, p), rest
	}
}

func compileAll(patterns map[op]string) *[numOps]form {
	var t [numOps]form
	for o, p := range patterns {
		t[o] = compile(p)
	}
	return &t
}

// Func is a finished function.
type Func struct {
	Name   string
	Target *Target
	Args   []Arg
	Text   []byte // its body: assembly or Go
	Live   int    // the largest number of vector registers alive at once
}

// Build verifies the record, allocates registers and prints the function.
func (b *Builder) Build() (*Func, error) {
	loose, err := b.verify()
	if err != nil {
		return nil, err
	}
	b.sweep()
	text, live, err := b.target.print(b, loose)
	if err != nil {
		return nil, err
	}
	return &Func{Name: b.name, Target: b.target, Args: b.args, Text: text, Live: live}, nil
}

// Params is the parameter list, without parentheses.
func Params(args []Arg) string {
	var s []string
	for _, a := range args {
		s = append(s, a.Name+" "+a.Go())
	}
	return strings.Join(s, ", ")
}

// Stub is the Go declaration of an assembly function; empty for a function in Go.
func (f *Func) Stub() string {
	if f.Target == Scalar {
		return ""
	}
	return "//go:noescape\nfunc " + f.Name + "(" + Params(f.Args) + ")\n"
}
