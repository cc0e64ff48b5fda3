package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mmc/codegen"
	"mmc/codegen/gosrc"
)

// A folder is what lies where a package, or a tree of packages, is to be written.
type folder struct {
	path      string
	generated map[string][]byte // files that an earlier build made, by their path in the folder
	embedded  bool              // that build embedded weights
}

// shared is where the runtime lies in a package or tree.
const shared = "internal/rt/"

// readFolder looks at a folder, which need not exist.
func readFolder(path string) (*folder, error) {
	f := &folder{path: path, generated: map[string][]byte{}}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a file, not a folder", shorten(path))
	}
	for _, part := range []string{"", shared} { // and not what else lies below: it may hold other packages
		if err := f.readPart(part); err != nil {
			return nil, err
		}
	}
	f.embedded = strings.Contains(f.header(), " --embed="+embedded)
	return f, f.readTree()
}

// readTree finds the packages of the tree that this folder is the root of: those that were made by the same command.
func (f *folder) readTree() error {
	made, err := f.command()
	if err != nil || !made.build.several() {
		return nil
	}
	entries, err := os.ReadDir(f.path)
	for _, d := range entries {
		if !d.IsDir() {
			continue
		}
		part := &folder{path: f.at(d.Name()), generated: map[string][]byte{}}
		if err := part.readPart(""); err != nil {
			return err
		}
		if other, err := part.command(); err != nil || other.text != made.text {
			continue
		}
		for name, data := range part.generated {
			f.generated[d.Name()+"/"+name] = data
		}
	}
	return err
}

// readPart finds the generated files of one folder of the package.
func (f *folder) readPart(part string) error {
	entries, err := os.ReadDir(f.at(part))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, d := range entries {
		if d.IsDir() || !isSource(d.Name()) {
			continue
		}
		data, err := os.ReadFile(f.at(part + d.Name()))
		if err != nil {
			return err
		}
		if isGenerated(data) {
			f.generated[part+d.Name()] = data
		}
	}
	return err
}

// header is the first line of the folder's generated files.
func (f *folder) header() string {
	for _, name := range sortedKeys(f.generated) {
		line, _, _ := bytes.Cut(f.generated[name], []byte("\n"))
		return string(line)
	}
	return ""
}

func isSource(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".go" || ext == ".s"
}

func isGenerated(data []byte) bool { return bytes.HasPrefix(data, []byte(gosrc.Header)) }

func (f *folder) at(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// admit refuses files that would overwrite what mmc did not make, and a package beside another one.
func (f *folder) admit(t *goTree) error {
	for _, x := range t.files {
		_, ours := f.generated[x.Path]
		if ours || x.Path == embedded && f.embedded {
			continue
		}
		old, err := os.ReadFile(f.at(x.Path))
		if err == nil && !bytes.Equal(old, x.Data) {
			return fmt.Errorf("%s was not made by mmc and would be overwritten: choose another folder", shorten(f.at(x.Path)))
		}
	}
	for _, dir := range sortedKeys(t.packages) {
		if err := f.admitPackage(dir, t.packages[dir]); err != nil {
			return err
		}
	}
	return nil
}

// admitPackage refuses to put a package beside files of another one.
func (f *folder) admitPackage(dir, name string) error {
	others, err := filepath.Glob(f.at(dir + "*.go"))
	if err != nil {
		return err
	}
	for _, file := range others {
		if _, ours := f.generated[dir+filepath.Base(file)]; ours || strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly)
		if err == nil && tree.Name.Name != name {
			return fmt.Errorf("%s belongs to package %s, and the folder would hold package %s too: choose another folder", shorten(file), tree.Name.Name, name)
		}
	}
	return nil
}

// write puts the files into the folder, all or none: they are written beside it and moved when all are there. Generated files
// of earlier builds that this one does not make are removed.
func (t *goTree) write(path string) error {
	f, err := readFolder(path)
	if err != nil {
		return err
	}
	for dir := range t.packages { // which may have been built alone
		for _, part := range []string{dir, dir + shared} {
			if err := f.readPart(part); err != nil {
				return err
			}
		}
	}
	if err := f.admit(t); err != nil {
		return err
	}
	above := path
	for {
		above = filepath.Dir(above)
		if _, err := os.Stat(above); err == nil {
			break
		}
	}
	stage, err := os.MkdirTemp(above, "."+filepath.Base(path)+".tmp-")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", shorten(path), reason(err))
	}
	defer os.RemoveAll(stage)
	made := filepath.Join(stage, "made") // with the usual permissions, which the outer folder lacks
	for _, x := range t.files {
		if err := writeStaged(filepath.Join(made, filepath.FromSlash(x.Path)), x.Data); err != nil {
			return fmt.Errorf("%s cannot be written: %w", shorten(f.at(x.Path)), reason(err))
		}
	}
	return f.take(made, t.files)
}

func writeStaged(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// take moves what was staged to its place.
func (f *folder) take(made string, files []codegen.File) error {
	if _, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
			return err
		}
		return os.Rename(made, f.path)
	}
	wanted := map[string]bool{}
	for _, x := range files {
		wanted[x.Path] = true
		if err := os.MkdirAll(filepath.Dir(f.at(x.Path)), 0o777); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(made, filepath.FromSlash(x.Path)), f.at(x.Path)); err != nil {
			return err
		}
	}
	old := sortedKeys(f.generated)
	if f.embedded {
		old = append(old, embedded)
	}
	for _, name := range old {
		if !wanted[name] {
			if err := f.remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove removes a file, and the folders that are empty then.
func (f *folder) remove(name string) error {
	if err := os.Remove(f.at(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := filepath.Dir(f.at(name)); dir != f.path && os.Remove(dir) == nil; dir = filepath.Dir(dir) {
	}
	return nil
}
