package syntax

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"mmc/internal/diag"
)

// The functions here go over trees by reflection: what they do is the same for every kind of node.

var (
	placeType   = reflect.TypeFor[At]()
	rangeType   = reflect.TypeFor[diag.Range]()
	commentType = reflect.TypeFor[[]Comment]()
)

// isPlace reports whether a field only says where a node stands.
func isPlace(t reflect.Type) bool { return t == placeType || t == rangeType }

// Equal reports whether two files say the same: it compares their trees without positions, and leaves out the file's
// name, its text and its comments.
func Equal(a, b *File) bool {
	return equal(reflect.ValueOf(a.Decls), reflect.ValueOf(b.Decls))
}

func equal(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Interface, reflect.Pointer:
		return a.IsNil() && b.IsNil() || equal(a.Elem(), b.Elem())
	case reflect.Slice:
		return equalSlices(a, b)
	case reflect.Struct:
		for i := range a.NumField() {
			if !isPlace(a.Type().Field(i).Type) && !equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func equalSlices(a, b reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !equal(a.Index(i), b.Index(i)) {
			return false
		}
	}
	return true
}

// Dump writes the tree of f with the place of each node, for people who look inside the compiler.
func Dump(w io.Writer, f *File) error {
	d := &dumper{}
	for _, s := range f.Decls {
		d.node("", reflect.ValueOf(s), 0)
	}
	_, err := io.WriteString(w, d.out.String())
	return err
}

type dumper struct{ out strings.Builder }

// node writes one line for v, its plain fields on that line, and below it its children.
func (d *dumper) node(label string, v reflect.Value, depth int) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	d.out.WriteString(strings.Repeat("  ", depth) + label)
	if v.Kind() != reflect.Struct {
		fmt.Fprintf(&d.out, "%v\n", v)
		return
	}
	d.out.WriteString(v.Type().Name())
	if n, ok := v.Addr().Interface().(Node); ok {
		s := n.Span().Start
		fmt.Fprintf(&d.out, " %d:%d", s.Line, s.Col)
	}
	children := d.inline(v)
	d.out.WriteByte('\n')
	for _, i := range children {
		d.child(strings.ToLower(v.Type().Field(i).Name)+": ", v.Field(i), depth+1)
	}
}

// inline writes the plain fields of v that are set, and returns the indices of the others.
func (d *dumper) inline(v reflect.Value) (children []int) {
	for i := range v.NumField() {
		f := v.Field(i)
		name := strings.ToLower(v.Type().Field(i).Name)
		switch {
		case isPlace(f.Type()) || f.Type() == commentType || f.IsZero():
		case f.Kind() == reflect.String:
			fmt.Fprintf(&d.out, " %s=%q", name, f.String())
		case f.Kind() == reflect.Bool:
			fmt.Fprintf(&d.out, " %s", name)
		case f.Type() == reflect.TypeFor[Ident]():
			fmt.Fprintf(&d.out, " %s=%s", name, f.Interface().(Ident).Name)
		case f.Type() == reflect.TypeFor[*Path]() && f.Interface().(*Path).Word() != "":
			fmt.Fprintf(&d.out, " %s=%s", name, f.Interface().(*Path).Word())
		default:
			children = append(children, i)
		}
	}
	return children
}

func (d *dumper) child(label string, v reflect.Value, depth int) {
	if v.Kind() != reflect.Slice {
		d.node(label, v, depth)
		return
	}
	for i := range v.Len() {
		d.node(label, v.Index(i), depth)
	}
}
