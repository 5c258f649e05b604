// Implicit matrix products: one operand is not stored as a matrix. Its elements are
// read in place, such as the windows of an image in a convolution.

package kernel

import (
	"fmt"
	"slices"
)

// Offsets are offsets in elements, none negative.
type Offsets struct {
	at      []int32
	largest int
}

// NewOffsets returns an error if an offset is negative.
func NewOffsets(at []int32) (Offsets, error) {
	o := Offsets{at: at}.Cut(0, len(at))
	if len(at) > 0 && slices.Min(at) < 0 {
		return Offsets{}, fmt.Errorf("gemm: an offset of %d, want none below 0", slices.Min(at))
	}
	return o, nil
}

// Len is the number of offsets.
func (o Offsets) Len() int { return len(o.at) }

// Cut returns offsets number from to to-1.
func (o Offsets) Cut(from, to int) Offsets {
	o.at, o.largest = o.at[from:to], 0
	if len(o.at) > 0 {
		o.largest = int(slices.Max(o.at))
	}
	return o
}

// ImplicitGemm multiplies a [M,K] by b [K,N], a panel of b at a time. Element (i,k) of
// a is at index Rows[i]+Steps[k]:
//
//	for i in rows, j < width:
//		v := 0, or C[i*width+j] if Accumulate
//		for k in steps: v += A[Rows[i]+Steps[k]] * B[k*width+j]
//		C[i*width+j] = v
//
// A Gemm of the same instruction set and N has packed b. An ImplicitGemm is immutable, and
// any number of threads may use it.
//
// Every element of the result is a chain of sums as in Gemm, with the same bits.
type ImplicitGemm[F Float] struct {
	n     int
	width int // columns in a panel
	tiles *gemmTiles[F]
}

// ImplicitArgs are the operands of one panel of the product.
type ImplicitArgs[F Float] struct {
	A           []F
	Rows, Steps Offsets
	B           []F // the panel [K, Width] of b
	C           []F // [M, Width]; columns beyond those of b are undefined
	Accumulate  bool
}

// NewImplicitGemm plans products with matrices b of n columns; isa is one of Supported.
func NewImplicitGemm[F Float](isa ISA, n int) ImplicitGemm[F] {
	t := gemmTilesFor[F](isa)
	return ImplicitGemm[F]{n: n, width: t.panel(), tiles: t}
}

// Width is the columns of a panel, as Gemm.PackedWidth returns.
func (g ImplicitGemm[F]) Width() int { return g.width }

// Panels is the number of panels.
func (g ImplicitGemm[F]) Panels() int { return (g.n + g.width - 1) / g.width }

// Columns is the number of columns of b in a panel; only the last panel may have fewer
// than Width.
func (g ImplicitGemm[F]) Columns(panel int) int { return min(g.width, g.n-panel*g.width) }

// Run computes a panel of the product. If a slice is too short, it returns an error and
// leaves c unchanged.
func (g ImplicitGemm[F]) Run(panel int, x ImplicitArgs[F]) error {
	m, k := x.Rows.Len(), x.Steps.Len()
	switch {
	case panel < 0 || panel >= g.Panels():
		return fmt.Errorf("gemm: panel %d of %d", panel, g.Panels())
	case m == 0:
		return nil
	case len(x.C) < m*g.width:
		return fmt.Errorf("gemm: a panel of c [%d,%d] has %d elements, want %d", m, g.width, len(x.C), m*g.width)
	case len(x.B) < k*g.width:
		return fmt.Errorf("gemm: a panel of b [%d,%d] has %d elements, want %d", k, g.width, len(x.B), k*g.width)
	case k > 0 && len(x.A) <= x.Rows.largest+x.Steps.largest:
		return fmt.Errorf("gemm: a has %d elements, want %d", len(x.A), x.Rows.largest+x.Steps.largest+1)
	}
	t := g.tiles.implicit[0]
	if g.Columns(panel) > g.tiles.lanes {
		t = g.tiles.implicit[1]
	}
	for k0 := 0; k0 == 0 || k0 < k; k0 += gemmMaxK {
		g.multiply(t, &x, k0, min(gemmMaxK, k-k0))
	}
	return nil
}

// multiply adds products k0 to k0+k-1. The heights of its tiles differ by at most 1.
func (g ImplicitGemm[F]) multiply(t []implicitTile[F], x *ImplicitArgs[F], k0, k int) {
	var a, b *F
	var steps *int32
	if k > 0 {
		a, b, steps = &x.A[0], &x.B[k0*g.width], &x.Steps.at[k0]
	}
	accumulate := 0
	if x.Accumulate || k0 > 0 {
		accumulate = 1
	}
	m := x.Rows.Len()
	tiles := (m + len(t) - 1) / len(t)
	size, more := m/tiles, m%tiles
	for row := 0; row < m; {
		rows := size
		if more > 0 {
			rows, more = rows+1, more-1
		}
		t[rows-1](k, a, &x.Rows.at[row], steps, b, &x.C[row*g.width], accumulate)
		row += rows
	}
}
