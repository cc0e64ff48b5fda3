package main

import (
	"fmt"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/ir"
	rt "mmc/runtime"
)

// buildCmd is mmc build.
type buildCmd struct {
	Files       []string    `arg:"" name:"file" help:"The .mm file; of several, each becomes a package of one tree." type:"path"`
	Models      []string    `name:"model" help:"The model, where a file holds several; of several, each becomes a package of one tree." placeholder:"NAME" sep:"none"`
	Set         assignments `help:"Set a hyperparameter: --set width=16." placeholder:"NAME=VALUE"`
	Out         string      `short:"o" help:"The folder of the package." required:"" placeholder:"FOLDER"`
	Package     string      `help:"The package's name; the folder's name if not given." placeholder:"NAME"`
	Import      string      `help:"The import path of the folder; told by the enclosing go.mod if not given." placeholder:"PATH"`
	Runtime     string      `help:"copy: a self-contained package; module: import mmc/runtime instead." enum:"copy,module" default:"copy"`
	Embed       string      `help:"Build these weights into the package." placeholder:"F.safetensors" type:"path"`
	IgnoreExtra bool        `help:"The embedded weights may hold tensors that the model does not know."`
}

// Help is shown by mmc build --help.
func (buildCmd) Help() string {
	return `The folder needs nothing but the standard library. Inside a Go module it becomes one of its packages; elsewhere it gets a
go.mod of its own. Files that mmc did not make are never overwritten. The same sources and flags give the same bytes.

Several files, or several models, become a tree: a package each, named like its file or like its model where the file gives more
than one, in a folder of that name. They share one copy of the runtime, so that tensors and threads go from one to the other.

Examples:
  mmc build unet.mm --model UNet -o ./unet
  mmc build resnet.mm --model ResNet50 -o ./resnet50 --embed resnet50.safetensors
  mmc build encoder.mm decoder.mm -o ./nets
  mmc build my.mm --set width=16 -o ./small --package small`
}

// Run writes the package, or the tree of packages.
func (c *buildCmd) Run(e *env) error {
	if os.Getenv("GOGC") == "" { // a build is short and its data are small: collecting less often saves a third of its time
		defer debug.SetGCPercent(debug.SetGCPercent(400))
	}
	place, err := c.place()
	if err != nil {
		return err
	}
	made, err := c.generate(e, place)
	if err != nil {
		return err
	}
	if err := e.ctx.Err(); err != nil {
		return err
	}
	if err := made.write(c.Out); err != nil {
		return err
	}
	packages := ""
	if c.several() {
		packages = plural(len(made.packages), "package") + ", "
	}
	fmt.Fprintf(e.out, "%s: %s%d files\n", shorten(c.Out), packages, len(made.files))
	return nil
}

// place completes and tests the names of the package.
func (c *buildCmd) place() (place, error) {
	if c.Out == "" {
		return place{}, misuse("--out: the name of the folder is empty")
	}
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return place{}, err
	}
	c.Out = out
	if err := c.checkTree(); err != nil {
		return place{}, err
	}
	if c.Package == "" {
		c.Package = packageName(filepath.Base(c.Out))
	}
	if !canImport(c.Package) {
		return place{}, misuse("--package %s: a package that can be imported cannot have this name", c.Package)
	}
	if c.IgnoreExtra && c.Embed == "" {
		return place{}, misuse("--ignore-extra is about the weights of --embed; a package that loads weights is told by Source.IgnoreExtra")
	}
	found, err := placeOf(c.Out)
	if c.Import != "" {
		if err := module.CheckImportPath(c.Import); err != nil {
			return place{}, misuse("--import %s", strings.TrimPrefix(err.Error(), "malformed import path "))
		}
		found.importPath = c.Import
	}
	return found, err
}

// canImport tells whether a package may have this name.
func canImport(name string) bool { return token.IsIdentifier(name) && name != "main" && name != "_" }

// generate compiles the models to files.
func (c *buildCmd) generate(e *env, place place) (*goTree, error) {
	if c.several() {
		return c.generateTree(e, place)
	}
	o := gosrc.Options{Package: c.Package, ImportPath: place.importPath, Module: place.alone}
	if c.Runtime == "module" {
		o.Runtime = "mmc/runtime"
	}
	f := modelFlags{File: c.Files[0], Set: c.Set}
	if len(c.Models) > 0 {
		f.Model = c.Models[0]
	}
	files, _, err := c.compile(e, f, o)
	return &goTree{files, map[string]string{"": c.Package}}, err
}

// compile makes the package of one model, and returns the sources that it was made of.
func (c *buildCmd) compile(e *env, f modelFlags, o gosrc.Options) ([]codegen.File, map[string]string, error) {
	pkg, p, err := e.plan(f)
	if err != nil {
		return nil, nil, err
	}
	if o.Weights, err = c.weights(pkg.Module); err != nil {
		return nil, nil, err
	}
	o.IgnoreExtra, o.Version, o.Sources, o.Flags = c.IgnoreExtra, version(), sources(p), c.text()
	var target codegen.Target = gosrc.Target{Options: o}
	files, err := compute(e.ctx, func() ([]codegen.File, error) { return target.Generate(pkg) })
	return files, o.Sources, err
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
	var parts []string
	for _, file := range c.Files {
		parts = append(parts, quoted(filepath.Base(file)))
	}
	for _, name := range c.Models {
		parts = append(parts, "--model="+name)
	}
	parts = append(parts, setText(c.Set))
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
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// embedded is the file of the package that holds embedded weights.
const embedded = "weights.safetensors"

// modelText is the choice of a model as flags.
func modelText(f modelFlags) string {
	if f.Model == "" {
		return setText(f.Set)
	}
	return strings.TrimSpace("--model=" + f.Model + " " + setText(f.Set))
}

// setText is the choice of hyperparameters as flags.
func setText(set map[string]string) string {
	var parts []string
	set = trimmed(set)
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
	if !canImport(name) || name == "internal" { // where nobody else may import from
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
			name := modfile.ModulePath(data)
			if name == "" {
				return place{}, fmt.Errorf("%s names no module", shorten(file))
			}
			rel, err := filepath.Rel(dir, folder)
			return place{importPath: path.Join(name, filepath.ToSlash(rel))}, err
		}
		if dir == filepath.Dir(dir) {
			return place{importPath: packageName(filepath.Base(folder)), alone: true}, nil
		}
	}
}
