package syntax_test

import (
	"fmt"
	"mmc/lang/syntax"
	"os"
	"testing"
)

func TestShow(t *testing.T) {
	b, _ := os.ReadFile(os.Getenv("F"))
	f, d := syntax.Parse("x.mm", string(b))
	for _, x := range d {
		fmt.Println(x.Range, x.Code, x.Message, "//", x.Hint)
	}
	if os.Getenv("DUMP") != "" {
		syntax.Dump(os.Stdout, f)
	} else if !d.HasErrors() {
		fmt.Print(checkFormat(t, "x.mm", string(b)))
	}
}
