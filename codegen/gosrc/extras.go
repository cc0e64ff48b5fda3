package gosrc

import (
	"fmt"
	"go/version"
	"runtime"

	"mmc"
	"mmc/codegen"
	rt "mmc/runtime"
)

// runtimeVersion is the revision of the runtime that generated code fits.
const runtimeVersion = rt.Version

// extras are the files beside the generated ones: what packages can share, and embedded weights.
func (g *generator) extras() ([]codegen.File, error) {
	out, err := SharedFiles(g.opt)
	if len(g.opt.Weights) > 0 {
		out = append(out, codegen.File{Path: "weights.safetensors", Data: g.opt.Weights})
	}
	return out, err
}

// SharedFiles is what the packages of one tree need once, at its root: the runtime, unless it is imported from elsewhere, and a
// go.mod where the tree lies outside of any module. ImportPath is that of the root.
func SharedFiles(o Options) ([]codegen.File, error) {
	var out []codegen.File
	if o.Runtime == "" {
		files, err := RuntimeFiles("internal/rt", o.header())
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	if o.Module {
		text := fmt.Sprintf("module %s\n\ngo %s\n", o.ImportPath, goVersion())
		out = append(out, codegen.File{Path: "go.mod", Data: []byte(text)})
	}
	return out, nil
}

// RuntimeFiles is the runtime as files below dir, marked as generated.
func RuntimeFiles(dir, header string) ([]codegen.File, error) {
	sources, err := mmc.RuntimeSources()
	if err != nil {
		return nil, err
	}
	var out []codegen.File
	for _, s := range sources {
		text := append([]byte(header+"\n\n"), s.Text...)
		out = append(out, codegen.File{Path: dir + "/" + s.Name, Data: text})
	}
	return out, nil
}

// goVersion is the language version that generated code needs.
func goVersion() string {
	const least = "1.26"
	if version.Compare("go"+least, runtime.Version()) > 0 {
		return runtime.Version()[len("go"):]
	}
	return least
}
