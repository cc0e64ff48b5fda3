package check

import (
	"fmt"
	"slices"
	"strings"
)

// side is one side of a rearrange pattern: for each axis the names that it is made of; an empty axis is a literal 1.
type side [][]string

// parseSide reads "b t (h d)".
func parseSide(s string) (side, error) {
	var out side
	open := false
	seen := map[string]bool{}
	for _, tok := range strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s)) {
		switch {
		case tok == "(" && open || tok == ")" && !open:
			return nil, fmt.Errorf("%q: the parentheses do not fit", s)
		case tok == "(":
			open = true
			out = append(out, []string{})
		case tok == ")":
			open = false
		case tok == "1" && open:
		case tok == "1":
			out = append(out, []string{})
		case !isAxisName(tok):
			return nil, fmt.Errorf("%q is no name of an axis", tok)
		case seen[tok]:
			return nil, fmt.Errorf("%s stands twice on one side", tok)
		default:
			seen[tok] = true
			if open {
				out[len(out)-1] = append(out[len(out)-1], tok)
			} else {
				out = append(out, []string{tok})
			}
		}
	}
	if open {
		return nil, fmt.Errorf("%q: a parenthesis is not closed", s)
	}
	return out, nil
}

func isAxisName(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// names lists the axes of a side in order.
func (s side) names() []string {
	var out []string
	for _, axis := range s {
		out = append(out, axis...)
	}
	return out
}

// parseArrow reads "left -> right".
func parseArrow(s string) (left, right side, err error) {
	l, r, ok := strings.Cut(s, "->")
	if !ok {
		return nil, nil, fmt.Errorf("%q has no ->", s)
	}
	if left, err = parseSide(l); err != nil {
		return nil, nil, err
	}
	if right, err = parseSide(r); err != nil {
		return nil, nil, err
	}
	for _, n := range left.names() {
		if !slices.Contains(right.names(), n) {
			return nil, nil, fmt.Errorf("%s stands on the left alone", n)
		}
	}
	for _, n := range right.names() {
		if !slices.Contains(left.names(), n) {
			return nil, nil, fmt.Errorf("%s stands on the right alone", n)
		}
	}
	return left, right, nil
}

// contraction is a parsed einsum: the axes of each operand and of the result.
type contraction struct {
	in  [][]string
	out []string
}

// parseEinsum reads "i j, j k -> i k". Letters may be written together where no blank separates them: "ij,jk->ik".
func parseEinsum(s string) (contraction, error) {
	l, r, ok := strings.Cut(s, "->")
	if !ok {
		return contraction{}, fmt.Errorf("%q has no ->", s)
	}
	var c contraction
	spaced := strings.Contains(strings.TrimSpace(strings.ReplaceAll(l, ", ", ",")), " ")
	known := map[string]bool{}
	for _, part := range strings.Split(l, ",") {
		names, err := axisNames(part, spaced)
		if err != nil {
			return contraction{}, err
		}
		for _, n := range names {
			known[n] = true
		}
		c.in = append(c.in, names)
	}
	out, err := axisNames(r, spaced)
	if err != nil {
		return contraction{}, err
	}
	for _, n := range out {
		if !known[n] {
			return contraction{}, fmt.Errorf("%s of the result stands in no operand", n)
		}
	}
	c.out = out
	return c, nil
}

func axisNames(s string, spaced bool) ([]string, error) {
	names := strings.Fields(s)
	if !spaced && len(names) == 1 {
		names = strings.Split(names[0], "")
	}
	for i, n := range names {
		if !isAxisName(n) {
			return nil, fmt.Errorf("%q is no name of an axis", n)
		}
		if slices.Contains(names[:i], n) {
			return nil, fmt.Errorf("%s stands twice in %q: diagonals are not supported", n, strings.TrimSpace(s))
		}
	}
	return names, nil
}
