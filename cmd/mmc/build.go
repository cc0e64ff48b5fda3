package main

import (
	"fmt"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/ir"
	rt "mmc/runtime"
)

// buildCmd is mmc build.
type buildCmd struct {
	modelFlags
	Out         string `short:"o" help:"The folder of the package." required:"" type:"path" placeholder:"FOLDER"`
	Package     string `help:"The package's name; the folder's name if not given." placeholder:"NAME"`
	Import      string `help:"The import path of the folder; told by the enclosing go.mod if not given." placeholder:"PATH"`
	Runtime     string `help:"copy: a self-contained package; module: import mmc/runtime instead." enum:"copy,module" default:"copy"`
	Embed       string `help:"Build these weights into the package." placeholder:"F.safetensors" type:"path"`
	IgnoreExtra bool   `help:"The embedded weights may hold tensors that the model does not know."`
}

// Help is shown by mmc build --help.
func (buildCmd) Help() string {
	return `The folder needs nothing but the standard library. Inside a Go module it becomes one of its packages; elsewhere it gets a
go.mod of its own. Files that mmc did not make are never overwritten. The same sources and flags give the same bytes.

Examples:
  mmc build unet.mm --model UNet -o ./unet
  mmc build resnet.mm --model ResNet50 -o ./resnet50 --embed resnet50.safetensors
  mmc build my.mm --set width=16 -o ./small --package small`
}

// Run writes the package.
func (c *buildCmd) Run(e *env) error {
	place, err := c.place()
	if err != nil {
		return err
	}
	files, err := c.generate(e, place)
	if err != nil {
		return err
	}
	if err := e.ctx.Err(); err != nil {
		return err
	}
	if err := writePackage(c.Out, c.Package, files); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s: %d files\n", shorten(c.Out), len(files))
	return nil
}

// place completes and tests the names of the package.
func (c *buildCmd) place() (place, error) {
	if c.Package == "" {
		c.Package = packageName(filepath.Base(c.Out))
	}
	if !canImport(c.Package) {
		return place{}, misuse("--package %s: a package that can be imported cannot have this name", c.Package)
	}
	found, err := placeOf(c.Out)
	if c.Import != "" {
		found.importPath = c.Import
	}
	return found, err
}

// canImport tells whether a package may have this name.
func canImport(name string) bool { return token.IsIdentifier(name) && name != "main" && name != "_" }

// generate compiles the model to files.
func (c *buildCmd) generate(e *env, place place) ([]codegen.File, error) {
	if c.IgnoreExtra && c.Embed == "" {
		return nil, misuse("--ignore-extra is about the weights of --embed; a package that loads weights is told by Source.IgnoreExtra")
	}
	pkg, p, err := e.plan(c.modelFlags)
	if err != nil {
		return nil, err
	}
	weights, err := c.weights(pkg.Module)
	if err != nil {
		return nil, err
	}
	o := gosrc.Options{
		Package: c.Package, ImportPath: place.importPath, Module: place.alone, Weights: weights,
		IgnoreExtra: c.IgnoreExtra, Version: version(), Sources: sources(p), Flags: c.text(),
	}
	if c.Runtime == "module" {
		o.Runtime = "mmc/runtime"
	}
	var target codegen.Target = gosrc.Target{Options: o}
	return compute(e.ctx, func() ([]codegen.File, error) { return target.Generate(pkg) })
}

// weights reads what is to be embedded, and asks whether it fits the model.
func (c *buildCmd) weights(m *ir.Module) ([]byte, error) {
	if c.Embed == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.Embed)
	if err != nil {
		return nil, fmt.Errorf("--embed %s: %w", shorten(c.Embed), reason(err))
	}
	file, err := rt.ParseSafeTensors(data)
	if err != nil {
		return nil, fmt.Errorf("--embed %s: %w", shorten(c.Embed), err)
	}
	table, err := loadedCells(m)
	if err != nil {
		return nil, err
	}
	if _, err = rt.MatchWeights(file, rt.Specs(table.cells), c.IgnoreExtra); err != nil {
		return nil, fmt.Errorf("--embed %s: %w", shorten(c.Embed), err)
	}
	return data, nil
}

// text is the command line that makes the same package again, for the header of its files. It says nothing of where on the disk
// anything lies, so that the same build in another place gives the same bytes.
func (c *buildCmd) text() string {
	parts := []string{filepath.Base(c.File), modelText(c.modelFlags)}
	if c.Package != packageName(filepath.Base(c.Out)) {
		parts = append(parts, "--package="+c.Package)
	}
	if c.Import != "" {
		parts = append(parts, "--import="+quoted(c.Import))
	}
	if c.Runtime != "copy" {
		parts = append(parts, "--runtime="+c.Runtime)
	}
	if c.Embed != "" {
		parts = append(parts, "--embed="+embedded)
	}
	if c.IgnoreExtra {
		parts = append(parts, "--ignore-extra")
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// embedded is the file of the package that holds embedded weights.
const embedded = "weights.safetensors"

// modelText is the choice of a model as flags.
func modelText(f modelFlags) string {
	var parts []string
	if f.Model != "" {
		parts = append(parts, "--model="+f.Model)
	}
	set := f.hyper()
	for _, k := range sortedKeys(set) {
		parts = append(parts, "--set="+quoted(k+"="+set[k]))
	}
	return strings.Join(parts, " ")
}

var plain = regexp.MustCompile(`^[-\w.,:=/\[\]()]+$`)

// quoted writes a value so that it is one word of one line.
func quoted(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return fmt.Sprintf("%+q", s)
}

var notInName = regexp.MustCompile(`[^a-z0-9_]+`)

// packageName makes a Go package name of a folder's name.
func packageName(folder string) string {
	name := notInName.ReplaceAllString(strings.ToLower(folder), "")
	if !canImport(name) {
		name = "model" + name
	}
	return name
}

// place is where a package lies among Go modules.
type place struct {
	importPath string
	alone      bool // outside of any module: it gets a go.mod
}

// placeOf looks for the go.mod of the folder or above it.
func placeOf(folder string) (place, error) {
	for dir := folder; ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "go.mod")
		data, err := os.ReadFile(file)
		if err == nil {
			module := modfile.ModulePath(data)
			if module == "" {
				return place{}, fmt.Errorf("%s names no module", shorten(file))
			}
			rel, err := filepath.Rel(dir, folder)
			return place{importPath: path.Join(module, filepath.ToSlash(rel))}, err
		}
		if dir == filepath.Dir(dir) {
			return place{importPath: packageName(filepath.Base(folder)), alone: true}, nil
		}
	}
}
