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

// extras are the files beside the generated ones: the runtime, embedded weights, a go.mod.
func (g *generator) extras() ([]codegen.File, error) {
	var out []codegen.File
	if g.opt.Runtime == "" {
		files, err := RuntimeFiles("internal/rt", g.header())
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	if len(g.opt.Weights) > 0 {
		out = append(out, codegen.File{Path: "weights.safetensors", Data: g.opt.Weights})
	}
	if g.opt.Module {
		text := fmt.Sprintf("module %s\n\ngo %s\n", g.opt.ImportPath, goVersion())
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
