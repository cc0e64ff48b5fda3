package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/passes"
)

// buildCmd is mmc build.
type buildCmd struct {
	modelFlags
	Out     string `short:"o" help:"The folder of the package." required:"" type:"path"`
	Package string `help:"The package's name; the folder's name if not given." placeholder:"NAME"`
	Import  string `help:"The import path of the folder; read from the enclosing go.mod if not given." placeholder:"PATH"`
	Runtime string `help:"copy: a self-contained package; module: import mmc/runtime instead." enum:"copy,module" default:"copy"`
	Embed   string `help:"Build these weights into the package." placeholder:"F.safetensors" type:"path"`
}

// Help is shown by mmc build --help.
func (buildCmd) Help() string {
	return "Examples:\n  mmc build unet.mm -o ./unet\n  mmc build resnet.mm --model ResNet50 -o ./resnet50 --embed resnet50.safetensors\n" +
		"\nThe folder needs nothing but the standard library. Inside a Go module it becomes one of its packages; elsewhere it\ngets a go.mod of its own."
}

// buildOptions are what a build depends on besides the sources.
type buildOptions struct {
	modelFlags
	Package, ImportPath, Runtime string
	Weights                      []byte
	Module                       bool
}

// Run writes the package.
func (c *buildCmd) Run(e *env) error {
	o := buildOptions{modelFlags: c.modelFlags, Package: c.Package, ImportPath: c.Import}
	if o.Package == "" {
		o.Package = packageName(filepath.Base(c.Out))
	}
	if c.Runtime == "module" {
		o.Runtime = "mmc/runtime"
	}
	if o.ImportPath == "" {
		found, inside, err := importPath(c.Out)
		if err != nil {
			return err
		}
		o.ImportPath, o.Module = found, !inside
	}
	if c.Embed != "" {
		weights, err := os.ReadFile(c.Embed)
		if err != nil {
			return err
		}
		o.Weights = weights
	}
	files, err := e.generate(o)
	if err != nil {
		return err
	}
	if err := writePackage(c.Out, files); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s: %d files\n", shorten(c.Out), len(files))
	return nil
}

// generate compiles the model to files.
func (e *env) generate(o buildOptions) ([]codegen.File, error) {
	pkg, p, err := e.plan(o.modelFlags, passes.Options{})
	if err != nil {
		return nil, err
	}
	var target codegen.Target = gosrc.Target{Options: gosrc.Options{
		Package: o.Package, ImportPath: o.ImportPath, Version: version(), Sources: sources(p), Runtime: o.Runtime,
		Weights: o.Weights, Module: o.Module, Flags: buildFlags(o.modelFlags),
	}}
	return target.Generate(pkg)
}

// buildFlags records what a later check needs to build the same again.
func buildFlags(f modelFlags) string {
	var parts []string
	if f.Model != "" {
		parts = append(parts, "--model "+f.Model)
	}
	for _, k := range sortedKeys(f.Set) {
		parts = append(parts, "--set "+k+"="+f.Set[k])
	}
	return strings.Join(parts, " ")
}

var notInName = regexp.MustCompile(`[^a-z0-9_]+`)

// packageName makes a Go package name of a folder's name.
func packageName(folder string) string {
	name := notInName.ReplaceAllString(strings.ToLower(folder), "")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "model" + name
	}
	return name
}

// importPath finds the import path of a folder from the go.mod above it. Outside of any module the folder becomes one.
func importPath(folder string) (name string, inside bool, err error) {
	for dir := folder; ; dir = filepath.Dir(dir) {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && dir != folder {
			module := modfile.ModulePath(data)
			if module == "" {
				return "", false, fmt.Errorf("%s has no module path", filepath.Join(dir, "go.mod"))
			}
			rel, err := filepath.Rel(dir, folder)
			return path.Join(module, filepath.ToSlash(rel)), true, err
		}
		if dir == filepath.Dir(dir) {
			return packageName(filepath.Base(folder)), false, nil
		}
	}
}

// writePackage puts the files into the folder. It refuses to touch files that it did not generate, and removes generated
// files of an earlier build that this one does not make.
func writePackage(folder string, files []codegen.File) error {
	made := map[string]bool{}
	for _, f := range files {
		made[filepath.FromSlash(f.Path)] = true
	}
	stale, err := generatedFiles(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(folder, filepath.FromSlash(f.Path))
		if old, err := os.ReadFile(name); err == nil && !generated(old) && isSource(name) {
			return fmt.Errorf("%s was not made by mmc: it would be overwritten", shorten(name))
		}
	}
	for _, f := range files {
		name := filepath.Join(folder, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := writeFile(name, f.Data); err != nil {
			return err
		}
	}
	for _, name := range stale {
		if !made[name] {
			if err := os.Remove(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func isSource(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".go" || ext == ".s"
}

func generated(data []byte) bool { return bytes.HasPrefix(data, []byte(gosrc.Header)) }

// generatedFiles lists the generated sources in a folder, relative to it.
func generatedFiles(folder string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err) && name == folder:
			return filepath.SkipAll
		case err != nil || d.IsDir() || !isSource(name):
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil || !generated(data) {
			return err
		}
		rel, err := filepath.Rel(folder, name)
		out = append(out, rel)
		return err
	})
	return out, err
}
