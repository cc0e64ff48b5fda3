package kernel

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"mmc/codegen/vec"
)

//go:embed internal/gemmrt/shape.go
var gemmShapeText string

//go:embed gemm_driver.go.tmpl
var gemmDriverText string

var gemmDriverTemplate = template.Must(template.New("gemm").Parse(gemmDriverText))

// GemmShapeSource is the Go source that all gemm drivers of a package share: once per package, behind its package clause.
func GemmShapeSource() string {
	_, text, _ := strings.Cut(gemmShapeText, "package gemmrt\n")
	return text
}

// GemmDriver describes the driver of all families with the same epilogue arguments.
type GemmDriver struct {
	Type    string // of the struct that describes one product
	Doc     string
	Params  string // of its kernels
	MaxRows int
	Widths  int
	Places  []DriverPlace
	Scalars []string
}

// DriverPlace is a slice operand of the epilogue.
type DriverPlace struct {
	Name, Elem string
	PerRow     bool
}

// Driver describes the family's driver. Families with equal Type share one.
func (g Gemm) Driver() GemmDriver {
	d := GemmDriver{MaxRows: MaxRows, Widths: numWidths, Params: vec.Params(g.args())}
	var key, doc strings.Builder
	for _, p := range g.Epilogue.places() {
		d.Places = append(d.Places, DriverPlace{p.name, p.elem.Go(), p.perRow})
		letter := map[bool]string{true: "r", false: ""}[p.perRow] + [...]string{"f", "i", "b"}[p.elem]
		if strings.HasPrefix(p.name, "y") {
			letter = "o" + letter
		}
		key.WriteString(letter)
	}
	if g.Epilogue != nil {
		for k := range g.Epilogue.Scalars {
			d.Scalars = append(d.Scalars, num("s", k))
		}
	}
	if n := len(d.Scalars); n > 0 {
		fmt.Fprintf(&key, "%d", n)
	}
	fmt.Fprintf(&doc, "whose epilogue has %d operands and %d scalars", len(d.Places), len(d.Scalars))
	d.Type, d.Doc = strings.TrimSuffix("gemm_"+key.String(), "_"), doc.String()
	return d
}

// Source is the driver's Go source: the kernels' type, the struct and its method chunk. It needs GemmShapeSource.
func (d GemmDriver) Source() string {
	var s strings.Builder
	if err := gemmDriverTemplate.Execute(&s, d); err != nil {
		panic("kernel: gemm driver template: " + err.Error()) // the template and the struct are both ours
	}
	return s.String()
}
