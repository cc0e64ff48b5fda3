package plancheck_test

import (
	"math/rand/v2"
	"testing"

	"mmc/internal/plancheck"
)

func TestShow(t *testing.T) {
	m := plancheck.Random(rand.New(rand.NewPCG(11, uint64(*first))), 4+*first%17)
	t.Log("\n" + m.Graphs[0].String())
	pkg, err := plancheck.Module(m, sizes[0])
	t.Log(err)
	if pkg != nil {
		for i, s := range pkg.Graphs[0].Steps {
			t.Log(i, s.Template, s.Name, s.Why)
			for _, v := range s.In {
				t.Log("  in", v.Buf.Name, v.Buf.Space, v.Offset, v.Strides, v.Shape, v.Buf.Size, v.Buf.First, v.Buf.Last)
			}
			for _, v := range s.Out {
				t.Log("  out", v.Buf.Name, v.Buf.Space, v.Offset, v.Strides, v.Shape, v.Buf.Size, v.Buf.First, v.Buf.Last)
			}
			t.Log("\n" + s.Nest.String())
		}
	}
}
