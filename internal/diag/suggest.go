package diag

import "strings"

// Suggest returns the candidate nearest to name by Damerau-Levenshtein distance (optimal string alignment), or ""
// where none is near enough to be a slip of the keyboard. The first of equals wins, so candidates should be sorted.
func Suggest(name string, candidates []string) string {
	for _, c := range candidates {
		if c != name && letters(c) == letters(name) {
			return c
		}
	}
	best, limit := "", max(1, (len([]rune(name))+1)/3)
	for _, c := range candidates {
		if d := distance([]rune(name), []rune(c), limit); d <= limit && c != name {
			best, limit = c, d-1
		}
	}
	return best
}

// letters is a name without what libraries differ in: AvgPool2d is avg_pool2d elsewhere.
func letters(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// distance counts insertions, deletions, substitutions and swaps of neighbours; past limit the count is only a lower bound.
func distance(a, b []rune, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur, prev, prev2 := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
