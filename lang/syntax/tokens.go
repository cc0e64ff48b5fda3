package syntax

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// definition tells participle our token kinds. Text is always lexed by scan and layOut before participle sees it, since
// statements are cut beforehand; Lex exists because the interface wants it.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType { return symbols }

func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s := scan(name, string(src))
	l, _ := layOut(s.tokens)
	if found := append(s.diags, l.diags...); found.HasErrors() {
		return nil, found
	}
	return &tokenList{tokens: l.out, eof: lexer.EOFToken(s.pos)}, nil
}

// tokenList is a lexer.Lexer over tokens at hand.
type tokenList struct {
	tokens []lexer.Token
	eof    lexer.Token
}

func (l *tokenList) Next() (lexer.Token, error) {
	if len(l.tokens) == 0 {
		return l.eof, nil
	}
	t := l.tokens[0]
	l.tokens = l.tokens[1:]
	return t, nil
}

// span is the range from token a to the end of token b.
func span(a, b *lexer.Token) diag.Range { return rangeOf(a).To(rangeOf(b)) }
