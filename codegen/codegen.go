// Package codegen is what all targets share: the form of their output. A target turns a plan into files; it chooses
// nothing that the plan has chosen already, and it knows neither the language nor the operators.
package codegen

import "mmc/ir/plan"

// File is one file of a target's output. Path is relative to the output folder and uses slashes.
type File struct {
	Path string
	Data []byte
}

// Target turns plans into source code. The same plan always gives the same files, in the same order.
type Target interface {
	Name() string
	Generate(p *plan.Package) ([]File, error)
}
