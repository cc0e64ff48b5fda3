package syntax

import "github.com/alecthomas/participle/v2/lexer"

// spaced reports whether a space stands between the token written last and token i on the same line.
func (p *printer) spaced(i int) bool {
	a, b := &p.tokens[p.prev], &p.tokens[i]
	switch {
	case b.Type == tBrace:
		return true
	case b.Type == tInterp || a.Type == tInterp || p.topIs(tInterp) && p.closes(i):
		return false
	case p.closesInterp(p.prev) && glued(a, b):
		return false
	case isOp(a, ":") && p.inSubscript():
		return p.wideSlice(p.prev)
	case isOp(b, ":") && p.inSubscript():
		return isOp(a, ",") || p.wideSlice(i)
	case a.Type == tOp && tightAfter[a.Value] || b.Type == tOp && tightBefore[b.Value]:
		return false
	case isOp(a, "-") && p.isUnary(p.prev):
		return false
	case isOp(b, "(") || isOp(b, "["):
		return !p.endsOperand(p.prev)
	}
	return true
}

var (
	tightAfter  = map[string]bool{"(": true, "[": true, ".": true, "**": true, "..": true, "?": true}
	tightBefore = map[string]bool{")": true, "]": true, ".": true, "**": true, "..": true, ",": true, ":": true}
)

// closesInterp reports whether token i is the } of an interpolation.
func (p *printer) closesInterp(i int) bool {
	return isOp(&p.tokens[i], "}") && p.openerOf(i).Type == tInterp
}

// openerOf finds the bracket that token i closes.
func (p *printer) openerOf(i int) *lexer.Token { return &p.tokens[p.match[i]] }

// endsOperand reports whether a call's or a subscript's bracket may be glued to token i.
func (p *printer) endsOperand(i int) bool {
	t := &p.tokens[i]
	afterDot := i > 0 && isOp(&p.tokens[i-1], ".")
	switch t.Type {
	case tIdent, tString:
		return true
	case tInt:
		return afterDot
	case tKeyword:
		return values[t.Value] || t.Value == "cond" || afterDot
	}
	return isCloser(t) && (t.Value != "}" || p.closesInterp(i))
}

// isUnary reports whether the minus at i is a sign.
func (p *printer) isUnary(i int) bool {
	if i == p.first || i == 0 {
		return true
	}
	t := &p.tokens[i-1]
	switch t.Type {
	case tIdent, tInt, tFloat, tString:
		return false
	case tKeyword:
		return !values[t.Value]
	}
	return !isCloser(t)
}

// inSubscript reports whether a colon at this place belongs to a slice.
func (p *printer) inSubscript() bool {
	return p.top() != nil && isOp(&p.tokens[p.top().opener], "[")
}

// wideSlice reports whether the colon at i has spaces: between two bounds that are not plain numbers.
func (p *printer) wideSlice(i int) bool {
	left, plainLeft := p.boundSize(i, -1)
	right, plainRight := p.boundSize(i, +1)
	return left > 0 && right > 0 && !(plainLeft && plainRight)
}

// boundSize counts the tokens of a slice's bound on one side of the colon at i, and says whether they are a number.
func (p *printer) boundSize(i, step int) (size int, plain bool) {
	plain = true
	for i += step; size < 3; i += step {
		t := &p.tokens[i]
		if isOp(t, ",") || isOp(t, ":") || isOp(t, "[") || isOp(t, "]") {
			break
		}
		plain = plain && (t.Type == tInt || isOp(t, "-"))
		size++
	}
	return size, plain && size < 3
}
