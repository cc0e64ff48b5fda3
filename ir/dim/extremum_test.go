package dim

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMaxima(t *testing.T) {
	n, h := Sym("N"), Sym("H")
	assert.Len(t, n.Maxima(), 1)
	assert.True(t, n.Maxima()[0].Equal(n))
	list := Max(n, Max(h, n.Mul(h))).Maxima()
	assert.Len(t, list, 3)
	for _, e := range list {
		assert.Contains(t, []string{"N", "H", "H * N"}, e.String())
	}
	sum := Max(n, h).Add(Int(1))
	assert.Equal(t, []Expr{sum}, sum.Maxima(), "a sum is no maximum")
}
