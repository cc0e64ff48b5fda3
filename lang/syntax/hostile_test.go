package syntax_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// Texts that want to overflow a stack or to take quadratic time. Each must be refused, or read, within seconds.
func TestHostileTexts(t *testing.T) {
	const n = 50_000
	many := func(s string) string { return strings.Repeat(s, n) }
	texts := map[string]string{
		"parentheses": strings.Repeat("(", 300_000), "brackets": many("["), "braces": many("{"), "closers": many(")"), "mixed": many("({["),
		"interpolations": "a" + many("{a"), "signs": "fn f() { x = " + many("-") + "y }", "nots": "fn f() { x = " + many("not ") + "y }",
		"powers": "fn f() { x = y" + many("**y") + " }", "sums": "fn f() { x = y" + many("+y") + " }", "pipes": "fn f() { x = y" + many("|>y") + " }",
		"calls": "fn f() { x = y" + many("()") + " }", "selects": "fn f() { x = y" + many(".y") + " }",
		"else-ifs": "fn f() { if a {}" + many(" else if a {}") + " }", "else-if values": "fn f() { x = if a { b }" + many(" else if a { b }") + " }",
		"lists": "fn f(x: " + many("["), "commas": "fn f(" + many(",") + ")", "elements": "fn f() { x = [" + many("1,") + "] }",
		"dots": many("."), "quotes": many("\""), "semicolons": many(";"), "newlines": many("\n"), "comments": many("//\n"),
		"colons": "fn f() { " + many("a:") + " }", "braces in turn": many("}{"), "braces in turn and more": many("}}{"), "open statements": many("f(\n"),
		"open statements further right": many("f(\n "), "bodies": many("model M {\n"), "statements": "fn f() {\n" + many("x = y\n") + "}",
		"continuations": "fn f() { x = scan a in b" + many("\nwith c = d") + " }", "no continuations": "fn f() { x = a" + many("\nwith") + " }",
		"identifier": many("a"), "digits": many("1"), "nul": many("\x00"), "stray": many("$ "),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			f, found := syntax.Parse("hostile.mm", text)
			require.NotNil(t, f)
			for _, d := range found {
				require.NotEqual(t, "syntax.internal", d.Code, d.Message)
			}
			if !found.HasErrors() {
				syntax.Format(f)
			}
			assert.Less(t, time.Since(start), time.Minute)
		})
	}
}

func TestText(t *testing.T) {
	const program = "model M() {\n  // β\n  x: F()\n}\n"
	want, found := syntax.Parse("t.mm", program)
	require.Empty(t, found)
	for name, text := range map[string]string{
		"byte order mark": "\ufeff" + program,
		"CRLF":            strings.ReplaceAll(program, "\n", "\r\n"),
		"tabs":            strings.ReplaceAll(program, "  ", "\t"),
		"no last newline": strings.TrimSpace(program),
	} {
		f, found := syntax.Parse("t.mm", text)
		require.Empty(t, found, name)
		assert.True(t, syntax.Equal(want, f), name)
		assert.Equal(t, "β", f.Comments[0].Text, name)
		formatted, found := syntax.FormatSource("t.mm", text)
		require.Empty(t, found, name)
		assert.Equal(t, program, string(formatted), name)
	}
}

func TestEncoding(t *testing.T) {
	f, found := syntax.Parse("t.mm", "model M() {\n  β\xff: F()\n}\n")
	assert.NotNil(t, f)
	require.Len(t, found, 1)
	assert.Equal(t, "syntax.encoding", found[0].Code)
	assert.Equal(t, "t.mm:2:4", found[0].Range.String())
	_, found = syntax.FormatSource("t.mm", "\xff")
	assert.True(t, found.HasErrors())
}

// Many files at once: nothing is shared between them.
func TestParallel(t *testing.T) {
	src := longProgram(t)
	want, found := syntax.Parse("t.mm", src)
	require.Empty(t, found)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			f, found := syntax.Parse("t.mm", src)
			assert.Empty(t, found)
			assert.True(t, syntax.Equal(want, f))
		})
	}
	wg.Wait()
}
