package vec

import (
	"bytes"
	"go/format"
)

// AsmFile is one assembly file of finished functions.
func AsmFile(header string, funcs []*Func) []byte {
	size := len(header) + 64
	for _, f := range funcs {
		size += len(f.Text) + 1
	}
	var out bytes.Buffer
	out.Grow(size)
	out.WriteString(header + "\n#include \"textflag.h\"\n")
	for _, f := range funcs {
		out.WriteString("\n")
		out.Write(f.Text)
	}
	return out.Bytes()
}

// StubFile is the Go file with the declarations of assembly functions.
func StubFile(header, pkg string, funcs []*Func) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(header + "\npackage " + pkg + "\n")
	for _, f := range funcs {
		out.WriteString("\n" + f.Stub())
	}
	return format.Source(out.Bytes())
}

// GoFile is one Go file of finished functions printed for Scalar. One file of a package has the support functions.
func GoFile(header, pkg string, support bool, funcs []*Func) ([]byte, error) {
	var body bytes.Buffer
	if support {
		body.WriteString("\n" + Support)
	}
	for _, f := range funcs {
		body.WriteString("\n")
		body.Write(f.Text)
	}
	var out bytes.Buffer
	out.WriteString(header + "\npackage " + pkg + "\n")
	if bytes.Contains(body.Bytes(), []byte("math.")) {
		out.WriteString("\nimport \"math\"\n")
	}
	out.Write(body.Bytes())
	return format.Source(out.Bytes())
}
