package syntax

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fences returns the fenced blocks of docs/grammar.md that are marked with the word.
func fences(t *testing.T, mark string) []string {
	text, err := os.ReadFile("../../docs/grammar.md")
	require.NoError(t, err)
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```"+mark+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	require.NotEmpty(t, blocks, mark)
	return blocks
}

// The documented grammar of statements is the one that participle was given.
func TestDocumentedStatements(t *testing.T) {
	printed := buildGrammar(&engine{}).String()
	printed = regexp.MustCompile(`\(\?[=!] [^)]*("\)")?\) `).ReplaceAllString(printed, "") // looking ahead is not grammar
	for _, suffix := range []string{"Rule", "Leaf"} {
		printed = regexp.MustCompile(`([A-Z]\w*)`+suffix+`\b`).ReplaceAllString(printed, "$1")
	}
	assert.Equal(t, strings.TrimSpace(fences(t, "ebnf")[0]), strings.TrimSpace(printed))
}

func TestDocumentedKeywords(t *testing.T) {
	assert.Equal(t, keywords, wordSet(fences(t, "words")[0]))
}

func TestDocumentedExamples(t *testing.T) {
	for _, src := range fences(t, "mm") {
		text, found := FormatSource("grammar.md", src)
		require.Empty(t, found)
		assert.Equal(t, src, string(text), "examples stand in the canonical form")
	}
}

// Every continuation word is documented with the statements that it continues.
func TestDocumentedContinuations(t *testing.T) {
	doc, err := os.ReadFile("../../docs/grammar.md")
	require.NoError(t, err)
	documented := map[string]map[string]bool{}
	quoted := regexp.MustCompile("`(\\w+)`")
	for _, row := range regexp.MustCompile("(?m)^\\| (`\\w.*) \\| (.*) \\|$").FindAllStringSubmatch(string(doc), -1) {
		for _, word := range quoted.FindAllStringSubmatch(row[1], -1) {
			documented[word[1]] = map[string]bool{}
			for _, owner := range quoted.FindAllStringSubmatch(row[2], -1) {
				documented[word[1]][owner[1]] = true
			}
		}
	}
	for word, owners := range continuations {
		assert.Equal(t, owners, documented[word], word)
	}
}
