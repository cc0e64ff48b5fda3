package dim_test

import (
	"fmt"

	"mmc/ir/dim"
)

// A U-Net halves and doubles its image; the skip connection wants both ways to end at the same size.
func Example() {
	h := dim.Sym("H")
	down := h.FloorDiv(dim.Int(2)).FloorDiv(dim.Int(2))
	up := down.Mul(dim.Int(4))

	var f dim.Facts
	fmt.Println(f.Show(down), f.Equal(up, h))
	hint, _ := f.Hint([][2]dim.Expr{{up, h}})
	fmt.Println(hint)

	if err := f.AssumeDivisible(h, 4); err != nil {
		fmt.Println(err)
	}
	fmt.Println(f.Show(down), f.Equal(up, h))
	fmt.Println(f.AssumeEqual(h, dim.Int(30)))
	// Output:
	// floor(H / 4) false
	// where H % 4 == 0
	// H / 4 true
	// H == 30 contradicts what is known of the sizes
}
