package vec

// Transpose exchanges rows and lanes of Lanes float vectors: lane i of result j is lane j of row i. The rows may not be used
// again.
func (b *Builder) Transpose(rows []V) []V {
	if len(rows) != b.target.Lanes {
		b.fail("a transposition of %d rows of %d lanes", len(rows), b.target.Lanes)
		return rows
	}
	if len(rows) == 1 {
		return rows
	}
	quads := b.transposeQuads(rows)
	out := make([]V, len(rows))
	for c := range 4 { // quad q of quads[g][c] holds rows 4g.. of column 4q+c
		for q, v := range b.gatherQuads([]V{quads[0][c], quads[1][c], quads[2][c], quads[3][c]}) {
			out[4*q+c] = v
		}
	}
	return out
}

// transposeQuads transposes the 4x4 blocks of each group of four rows.
func (b *Builder) transposeQuads(rows []V) (quads [][]V) {
	for g := 0; g < len(rows); g += 4 {
		r := rows[g : g+4]
		low0, high0 := b.zip(opZipLow, 1, r[0], r[1]), b.zip(opZipHigh, 1, r[0], r[1])
		low1, high1 := b.zip(opZipLow, 1, r[2], r[3]), b.zip(opZipHigh, 1, r[2], r[3])
		quads = append(quads, []V{
			b.zip(opZipLow, 2, low0, low1), b.zip(opZipHigh, 2, low0, low1),
			b.zip(opZipLow, 2, high0, high1), b.zip(opZipHigh, 2, high0, high1)})
	}
	return quads
}

// gatherQuads transposes a 4x4 matrix of quads.
func (b *Builder) gatherQuads(u []V) [4]V {
	even0, odd0 := b.zip(opEvenQuads, 0, u[0], u[1]), b.zip(opOddQuads, 0, u[0], u[1])
	even1, odd1 := b.zip(opEvenQuads, 0, u[2], u[3]), b.zip(opOddQuads, 0, u[2], u[3])
	return [4]V{
		b.zip(opEvenQuads, 0, even0, even1), b.zip(opEvenQuads, 0, odd0, odd1),
		b.zip(opOddQuads, 0, even0, even1), b.zip(opOddQuads, 0, odd0, odd1)}
}

func (b *Builder) zip(o op, n int, x, y V) V {
	return V(b.def(instr{op: o, a: int32(x), b: int32(y), imm: int32(n)}))
}
