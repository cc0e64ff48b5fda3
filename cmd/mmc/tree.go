package main

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"mmc/codegen"
	"mmc/codegen/gosrc"
)

// goTree is what a build makes: one package at the root, or several in folders of their own that share the runtime at the root.
type goTree struct {
	files    []codegen.File
	packages map[string]string // names by folder, which is empty or ends with a slash
}

// several tells whether the build makes a tree of packages.
func (c *buildCmd) several() bool { return len(c.Files) > 1 || len(c.Models) > 1 }

// checkTree refuses flags that are about one package.
func (c *buildCmd) checkTree() error {
	if !c.several() {
		return nil
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"--package", c.Package != ""}, {"--embed", c.Embed != ""}, {"--runtime", c.Runtime == "module"}} {
		if flag.set {
			return misuse("%s is for one package, and these files make several: build them one by one", flag.name)
		}
	}
	return nil
}

// member is a model that becomes a package of a tree.
type member struct {
	modelFlags
	name string
}

// generateTree compiles every model to a package, and adds what they share.
func (c *buildCmd) generateTree(e *env, place place) (*goTree, error) {
	members, err := c.members(e)
	if err != nil {
		return nil, err
	}
	t := &goTree{packages: map[string]string{}}
	all := gosrc.Options{ImportPath: place.importPath, Module: place.alone, Version: version(), Flags: c.text(), Sources: map[string]string{}}
	for _, m := range members {
		o := gosrc.Options{Package: m.name, ImportPath: path.Join(place.importPath, m.name), Runtime: path.Join(place.importPath, "internal/rt")}
		files, sources, err := c.compile(e, m.modelFlags, o)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			t.files = append(t.files, codegen.File{Path: m.name + "/" + f.Path, Data: f.Data})
		}
		t.packages[m.name+"/"] = m.name
		maps.Copy(all.Sources, sources)
	}
	shared, err := gosrc.SharedFiles(all)
	t.files = append(t.files, shared...)
	return t, err
}

// members chooses the models: of each file those that were named, or its only one.
func (c *buildCmd) members(e *env) ([]member, error) {
	var out []member
	var all []string
	for _, file := range c.Files {
		p, _, err := e.program(file, []string{})
		if err != nil {
			return nil, err
		}
		names := p.ModelNames()
		all = append(all, names...)
		named := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(c.Models, name) })
		if len(named) == 0 {
			only, err := chooseModel(p, modelFlags{File: file})
			if err != nil {
				return nil, err
			}
			named = []string{only}
		}
		for _, name := range named {
			m := member{modelFlags{File: file, Model: name, Set: c.Set}, packageName(stem(file))}
			if len(named) > 1 {
				m.name = packageName(name)
			}
			out = append(out, m)
		}
	}
	for _, name := range c.Models {
		if !slices.Contains(all, name) {
			return nil, misuse("no file holds a model %s%s; there are %s", name, suggestion(name, all), strings.Join(all, ", "))
		}
	}
	return out, distinct(out)
}

// distinct finds packages that would have the same name.
func distinct(members []member) error {
	first := map[string]member{}
	for _, m := range members {
		if old, taken := first[m.name]; taken {
			return misuse("%s and %s would both be the package %s: rename one of the files", shorten(old.File), shorten(m.File), m.name)
		}
		first[m.name] = m
	}
	return nil
}

// stem is a file's name without its ending.
func stem(file string) string { return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) }
