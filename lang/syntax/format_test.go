package syntax_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// checkFormat asserts what must hold for the formatted text of any correct program.
func checkFormat(t *testing.T, name, src string) string {
	t.Helper()
	before, found := syntax.Parse(name, src)
	require.Empty(t, found)
	once := string(syntax.Format(before))
	after, found := syntax.Parse(name, once)
	require.Empty(t, found, "the formatted text has errors:\n%s", once)
	assert.True(t, syntax.Equal(before, after), "the tree has changed:\n%s", once)
	assert.Equal(t, once, string(syntax.Format(after)), "formatting twice is not formatting once")
	require.Len(t, after.Comments, len(before.Comments))
	for i := range before.Comments {
		assert.Equal(t, before.Comments[i].Text, after.Comments[i].Text)
		assert.Equal(t, before.Comments[i].Tail, after.Comments[i].Tail)
	}
	return once
}
