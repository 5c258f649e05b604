// Packing for matrix multiplication: copying a few rows of a, or columns of b, into a
// panel, in the order in which the tiles read them.

package kernel

import "fmt"

// PackedWidth returns the columns of a panel of packed b.
func (g Gemm[F]) PackedWidth() int {
	return g.tiles.panel()
}

// PackedB returns the number of elements that PackB writes.
func (g Gemm[F]) PackedB() int {
	w := g.PackedWidth()
	return (g.shape.N + w - 1) / w * w * g.shape.K
}

// PackB packs b [K,N] into dst, for use as GemmArgs.PackedB by any plan of the same
// instruction set, K and N. This pays for weights that several products read. The
// layout is panels of PackedWidth columns, each stored by rows. Columns of the last
// panel beyond N are undefined. It returns an error if b or dst is too short. They
// must not overlap.
func (g Gemm[F]) PackB(dst, b []F) error { return g.PackBRows(dst, b, 0, g.shape.K) }

// PackBRows packs rows row0 to row0+rows-1 of b, the first of which is at b[0], to
// their places in dst.
func (g Gemm[F]) PackBRows(dst, b []F, row0, rows int) error {
	s := g.shape
	if row0 < 0 || rows < 0 || row0+rows > s.K {
		return fmt.Errorf("gemm: packing %d rows from row %d on of b [%d,%d]", rows, row0, s.K, s.N)
	}
	if rows == 0 || s.N == 0 {
		return nil
	}
	if need := (rows-1)*s.B.Row + (s.N-1)*s.B.Col + 1; len(b) < need {
		return fmt.Errorf("gemm: b [%d,%d] has %d elements, want %d", rows, s.N, len(b), need)
	}
	if need := g.PackedB(); len(dst) < need {
		return fmt.Errorf("gemm: packing b [%d,%d] into %d elements, want %d", s.K, s.N, len(dst), need)
	}
	w := g.PackedWidth()
	for col := 0; col < s.N; col += w {
		width := min(w, s.N-col)
		for k0 := 0; k0 < rows; k0 += gemmMaxK {
			k := min(gemmMaxK, rows-k0)
			g.tiles.packPanel(dst[col*s.K+(row0+k0)*w:], w, b[k0*s.B.Row+col*s.B.Col:], s.B.Row, s.B.Col, k, width)
		}
	}
	return nil
}

// packPanel copies dst[i*width+j] = src[i*step+j*across] for i in 0..k-1 and j in
// 0..n-1, where n <= width. Columns from n on become undefined. The width is one vector, or
// a multiple of two.
func (t *gemmTiles[F]) packPanel(dst []F, width int, src []F, step, across, k, n int) {
	bytes := gemmSize[F]()
	switch {
	case across == 1:
		for col := 0; col < n; col += 2 * t.lanes {
			vectors := min(2, (width-col)/t.lanes)
			t.packRows[vectors-1](&dst[col], width*bytes, &src[col], step*bytes, k, n-col)
		}
	case step == 1 && k >= t.lanes:
		// The last block ends with the last row, and writes some rows again.
		blocks, rest := k/t.lanes, k%t.lanes
		for col := 0; col < n; col += t.lanes {
			t.packColumns(&dst[col], width*bytes, &src[col*across], across*bytes, n-col, blocks)
			if rest > 0 {
				i := k - t.lanes
				t.packColumns(&dst[i*width+col], width*bytes, &src[col*across+i], across*bytes, n-col, 1)
			}
		}
	default:
		packRowsGeneric(dst, width, src, step, across, k, n)
	}
}
