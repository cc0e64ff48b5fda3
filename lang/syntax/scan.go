package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// scanner turns text into tokens without any idea of statements: layout adds the newlines that count.
type scanner struct {
	src      string
	pos      lexer.Position
	tokens   []lexer.Token
	comments []Comment
	diags    diag.List
	open     []lexer.TokenType // the braces that are open
	closed   lexer.TokenType   // the kind of the brace that the last } closed
}

const byteOrderMark = "\ufeff"

// scan reads the whole text. Text that is not UTF-8 yields one diagnostic and no token.
func scan(name, src string) *scanner {
	s := &scanner{src: src, pos: lexer.Position{Filename: name, Line: 1, Column: 1}}
	s.tokens = make([]lexer.Token, 0, len(src)/3+8)
	if bad := invalidUTF8(src); bad >= 0 {
		s.report("syntax.encoding", s.placeOf(bad), "this byte is not valid UTF-8", "save the file as UTF-8")
		return s
	}
	if strings.HasPrefix(src, byteOrderMark) {
		s.pos.Offset = len(byteOrderMark)
	}
	for s.pos.Offset < len(src) {
		s.next()
	}
	return s
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(src string) int {
	if utf8.ValidString(src) {
		return -1
	}
	for i, r := range src {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(src[i:]); n <= 1 {
				return i
			}
		}
	}
	return -1
}

// placeOf is the one-byte range at offset; only for the error paths, since it counts lines from the start.
func (s *scanner) placeOf(offset int) diag.Range {
	before := s.src[:offset]
	line := strings.Count(before, "\n") + 1
	at := diag.Pos{Offset: offset, Line: line, Col: utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1}
	return diag.Range{File: s.pos.Filename, Start: at, End: diag.Pos{Offset: offset + 1, Line: line, Col: at.Col + 1}}
}

func (s *scanner) report(code string, at diag.Range, message, hint string) {
	s.diags = append(s.diags, diag.New(code, at, message).WithHint(hint))
}

// next reads one token, comment or piece of space.
func (s *scanner) next() {
	rest := s.src[s.pos.Offset:]
	c := rest[0]
	switch {
	case c == '\n':
		s.pos.Offset++
		s.pos.Line++
		s.pos.Column = 1
	case c == ' ' || c == '\t' || c == '\r':
		s.skip(1)
	case strings.HasPrefix(rest, "//"):
		s.comment(rest)
	case strings.HasPrefix(rest, "/*"):
		s.blockComment(rest)
	case c == '#':
		s.report("syntax.comment", s.ahead(1), "`#` does not start a comment", "comments start with `//`")
		s.skip(lineLength(rest))
	case c == ';':
		s.emit(tNewline, 1)
	case isLetter(c):
		s.word(rest)
	case isDigit(c):
		s.number(rest)
	case c == '"':
		s.quoted(rest)
	case c == '\'' && strings.IndexByte(rest[1:lineLength(rest)], '\'') >= 0:
		n := strings.IndexByte(rest[1:], '\'') + 2
		s.report("syntax.string", s.ahead(n), "single quotes do not make a string", "write it in double quotes")
		s.emit(tString, n)
	case c == '{':
		s.brace()
	case c == '}':
		s.closeBrace()
	default:
		s.operator(rest)
	}
}

// skip moves over n runes of one byte each.
func (s *scanner) skip(n int) {
	s.pos.Column += utf8.RuneCountInString(s.src[s.pos.Offset : s.pos.Offset+n])
	s.pos.Offset += n
}

// ahead is the range of the next n bytes of this line.
func (s *scanner) ahead(n int) diag.Range {
	t := lexer.Token{Type: tOp, Value: s.src[s.pos.Offset : s.pos.Offset+n], Pos: s.pos}
	return rangeOf(&t)
}

func (s *scanner) emit(kind lexer.TokenType, n int) {
	s.tokens = append(s.tokens, lexer.Token{Type: kind, Value: s.src[s.pos.Offset : s.pos.Offset+n], Pos: s.pos})
	s.skip(n)
}

// last is the token before, or an empty one.
func (s *scanner) last() *lexer.Token {
	if len(s.tokens) == 0 {
		return &lexer.Token{}
	}
	return &s.tokens[len(s.tokens)-1]
}

// follows reports whether the next token is glued to the last one.
func (s *scanner) follows() bool {
	l := s.last()
	return l.Value != "" && l.Pos.Offset+len(l.Value) == s.pos.Offset
}

func (s *scanner) comment(rest string) {
	n := lineLength(rest)
	text := strings.TrimPrefix(strings.TrimRight(rest[:n], " \t\r")[2:], " ")
	tail := len(s.tokens) > 0 && s.last().Pos.Line == s.pos.Line
	s.comments = append(s.comments, Comment{At: At{s.ahead(n)}, Text: text, Tail: tail})
	s.skip(n)
}

func (s *scanner) blockComment(rest string) {
	s.report("syntax.comment", s.ahead(2), "`/*` does not start a comment", "comments start with `//` and end with their line")
	n := strings.Index(rest, "*/") + 2
	if n < 4 {
		n = len(rest)
	}
	if lines := strings.Count(rest[:n], "\n"); lines > 0 {
		s.pos.Line += lines
		s.pos.Column = 1
		s.pos.Offset += strings.LastIndexByte(rest[:n], '\n') + 1
		n -= strings.LastIndexByte(rest[:n], '\n') + 1
	}
	s.skip(n)
}

func (s *scanner) word(rest string) {
	n := wordEnd(rest, 0)
	kind := tIdent
	if keywords[rest[:n]] {
		kind = tKeyword
	}
	s.emit(kind, n)
}

// number reads 3, 25_557_032, 0.1, 1e-3. Directly behind a dot only digits count (net.1.0), and two dots behind a
// number are the range operator (0..n).
func (s *scanner) number(rest string) {
	n := digits(rest, 0)
	if s.follows() && (isOp(s.last(), ".") || isOp(s.last(), "}")) { // a piece of a path: h.0, a{i}0
		s.emit(tInt, n)
		return
	}
	kind, point := tInt, n
	if n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) {
		kind, n = tFloat, digits(rest, n+1)
	}
	if m := exponent(rest, n); m > n {
		kind, n = tFloat, m
	}
	if kind == tInt && endsInPoint(rest[n:]) {
		s.report("syntax.number", s.ahead(n+1), "a number does not end in a point", "write `"+rest[:point]+".0`")
		s.emit(tFloat, n)
		s.skip(1)
		return
	}
	if m := wordEnd(rest, n); m > n {
		s.report("syntax.number", s.ahead(m), "`"+rest[:m]+"` is neither a number nor a name", "names begin with a letter; numbers are decimal")
		n = m
	}
	s.emit(kind, n)
}

// endsInPoint reports whether s, the text behind digits, begins with a point that is not the range operator's.
func endsInPoint(s string) bool {
	dots := len(s) - len(strings.TrimLeft(s, "."))
	return dots == 1 || dots == 3
}

// wordEnd is the end of the run of letters and digits at i.
func wordEnd(s string, i int) int {
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i])) {
		i++
	}
	return i
}

// digits is the end of the run of digits and underscores at i.
func digits(s string, i int) int {
	for i < len(s) && (isDigit(s[i]) || s[i] == '_') {
		i++
	}
	return i
}

// exponent is the end of an exponent at i, or i.
func exponent(s string, i int) int {
	if i == len(s) || s[i] != 'e' && s[i] != 'E' {
		return i
	}
	j := i + 1
	if j < len(s) && (s[j] == '+' || s[j] == '-') {
		j++
	}
	if j < len(s) && isDigit(s[j]) {
		return digits(s, j)
	}
	return i
}

func (s *scanner) quoted(rest string) {
	n := 1
	for n < len(rest) && rest[n] != '"' && rest[n] != '\n' {
		if rest[n] == '\\' && n+1 < len(rest) && rest[n+1] != '\n' {
			n++
		}
		n++
	}
	if n < len(rest) && rest[n] == '"' {
		s.emit(tString, n+1)
		return
	}
	n = len(strings.TrimRight(rest[:n], " \t\r"))
	s.report("syntax.string", s.ahead(n), "this string has no closing `\"`", "a string ends on the line where it begins")
	s.emit(tString, n)
}

// brace tells an interpolation, which is glued to a name, a dot or another interpolation, from a body.
func (s *scanner) brace() {
	kind := tBrace
	if l := s.last(); s.follows() {
		afterDot := len(s.tokens) > 1 && isOp(&s.tokens[len(s.tokens)-2], ".")
		if l.Type == tIdent || isOp(l, ".") || afterDot && (isWord(l) || l.Type == tInt) || isOp(l, "}") && s.closed == tInterp {
			kind = tInterp
		}
	}
	s.open = append(s.open, kind)
	s.emit(kind, 1)
}

func (s *scanner) closeBrace() {
	s.closed = 0
	if n := len(s.open); n > 0 {
		s.closed, s.open = s.open[n-1], s.open[:n-1]
	}
	s.emit(tOp, 1)
}

func (s *scanner) operator(rest string) {
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			s.multiByte(op)
			return
		}
	}
	if strings.IndexByte("()[].,:=<>+-*/%@?", rest[0]) >= 0 {
		s.emit(tOp, 1)
		return
	}
	s.stray(rest)
}

func (s *scanner) multiByte(op string) {
	if op != ":=" {
		s.emit(tOp, len(op))
		return
	}
	at := s.ahead(2)
	d := diag.New("syntax.binding", at, "`:=` is not an operator").WithHint("a name is bound with `=`")
	d.Fixes = []diag.Fix{{Range: at, NewText: "=", Message: "write `=`"}}
	s.diags = append(s.diags, d)
	s.skip(1)
	s.emit(tOp, 1)
}

// strayHints says what to write instead of a character that the language does not have.
var strayHints = map[rune]string{
	'!':  "negation is written `not`, inequality `!=`",
	'&':  "logical and is written `and`",
	'|':  "a pipe is written `|>`, logical or `or`",
	'^':  "a power is written `**`",
	'~':  "negation is written `not`",
	'\'': "strings are written with double quotes",
	'`':  "strings are written with double quotes",
	'\\': "a line goes on after an operator, a comma, or inside parentheses",
	'“':  "strings are written with straight double quotes",
	'”':  "strings are written with straight double quotes",
	'−':  "the minus sign is `-`",
	'×':  "a product is written `*`, a matrix product `@`",
	'→':  "an arrow is written `->`",
	'…':  "write three dots, `...`",
}

// stray reports a character outside the alphabet and skips the run of equals.
func (s *scanner) stray(rest string) {
	r, n := utf8.DecodeRuneInString(rest)
	for strings.HasPrefix(rest[n:], string(r)) {
		n += utf8.RuneLen(r)
	}
	what := "the character `" + string(r) + "` has no meaning here"
	if !unicode.IsPrint(r) {
		what = "an unprintable character has no meaning here"
	}
	hint := strayHints[r]
	if hint == "" && unicode.IsLetter(r) {
		hint = "names are made of ASCII letters, digits and `_`"
	}
	s.report("syntax.character", s.ahead(n), what, hint)
	s.skip(n)
}

func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// lineLength is the length of the first line of s without its newline.
func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}
