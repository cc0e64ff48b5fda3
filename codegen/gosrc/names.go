package gosrc

import (
	"go/token"
	"strconv"
	"strings"
	"unicode"

	"mmc/ir/plan"
)

// names gives out Go identifiers of one scope, each once.
type names struct{ taken map[string]bool }

func newNames(reserved ...string) *names {
	n := &names{taken: map[string]bool{}}
	for _, r := range reserved {
		n.taken[r] = true
	}
	return n
}

// give returns an identifier like want that nobody has.
func (n *names) give(want string) string {
	id := want
	for k := 2; n.taken[id] || token.IsKeyword(id); k++ {
		id = want + strconv.Itoa(k)
	}
	n.taken[id] = true
	return id
}

// exported makes a name of .mm an exported Go name: d_loss becomes DLoss.
func exported(name string) string {
	id := camel(name)
	if id == "" || !unicode.IsUpper([]rune(id)[0]) {
		return "X" + id
	}
	return id
}

// local makes a name of .mm an unexported Go name: layer1.0.conv1.weight becomes layer10Conv1Weight.
func local(name string) string {
	id := []rune(camel(name))
	if len(id) == 0 || unicode.IsDigit(id[0]) {
		return "x" + string(id)
	}
	for i, r := range id { // an abbreviation at the beginning is lowered as a whole: URLPart -> urlPart
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(id) && unicode.IsLower(id[i+1]) {
			break
		}
		id[i] = unicode.ToLower(r)
	}
	return string(id)
}

// camel joins the words of a name, each with a capital; a digit that follows a digit is kept apart by an underscore, so that
// layer.1.10 and layer.11.0 stay different.
func camel(name string) string {
	var b strings.Builder
	up, last := true, rune(0)
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up && unicode.IsDigit(r) && unicode.IsDigit(last) {
			b.WriteByte('_')
		}
		if up {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up, last = false, r
	}
	return b.String()
}

// MethodName is the Go name of a graph, argument or dim of the .mm file.
func MethodName(name string) string { return exported(name) }

// ExplicitDims lists the dims that callers of a program's method must name, since no argument's shape tells them.
func ExplicitDims(p *plan.Program) []string {
	g := &generator{top: newNames(reserved...)}
	return newGraph(g, p, exported(p.Graph.Name)).sizes.explicit
}
