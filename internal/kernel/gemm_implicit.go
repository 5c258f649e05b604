// Implicit matrix products: one operand is not stored as a matrix, but found
// where it lies, as the windows of an image are that is to be convolved.

package kernel

import (
	"fmt"
	"slices"
)

// Offsets are distances in elements, none negative.
type Offsets struct {
	at   []int32
	most int
}

// NewOffsets takes distances; it fails where one is negative.
func NewOffsets(at []int32) (Offsets, error) {
	o := Offsets{at: at}.Cut(0, len(at))
	if len(at) > 0 && slices.Min(at) < 0 {
		return Offsets{}, fmt.Errorf("gemm: an offset of %d, want none below 0", slices.Min(at))
	}
	return o, nil
}

// Len is the number of offsets.
func (o Offsets) Len() int { return len(o.at) }

// Cut returns the offsets from number from up to but not including to.
func (o Offsets) Cut(from, to int) Offsets {
	o.at, o.most = o.at[from:to], 0
	if len(o.at) > 0 {
		o.most = int(slices.Max(o.at))
	}
	return o
}

// ImplicitGemm multiplies matrices a [M,K], of which element (i,k) is that at
// Rows[i]+Steps[k], with a matrix b [K,N] that was packed by a Gemm of the same
// instruction set and N, a panel of b at a time. It is immutable, and any number of
// threads may use it.
//
// Every element of the result is a chain as that of Gemm, with the same bits.
type ImplicitGemm[F Float] struct {
	n     int
	width int           // columns in a panel
	tiles *gemmTiles[F] // nil: plain Go
}

// ImplicitArgs are the operands of one panel of the product.
type ImplicitArgs[F Float] struct {
	A           []F
	Rows, Steps Offsets
	B           []F // the panel [K, Width] of b
	C           []F // [M, Width], of which the columns from N on mean nothing
	Accumulate  bool
}

// NewImplicitGemm is for products with b [K,n]; isa is one of Supported.
func NewImplicitGemm[F Float](isa ISA, n int) ImplicitGemm[F] {
	t := gemmTilesFor[F](isa)
	if t == nil {
		return ImplicitGemm[F]{n: n, width: max(n, 1)}
	}
	return ImplicitGemm[F]{n: n, width: t.panel(), tiles: t}
}

// Width is the columns in a panel, those of Gemm.PackedWidth.
func (g ImplicitGemm[F]) Width() int { return g.width }

// Panels is how many panels there are.
func (g ImplicitGemm[F]) Panels() int { return (g.n + g.width - 1) / g.width }

// Columns is how many columns of a panel are of b.
func (g ImplicitGemm[F]) Columns(panel int) int { return min(g.width, g.n-panel*g.width) }

// Run computes a panel of the product. It fails, with c untouched, where a slice is
// too short.
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
	case k > 0 && len(x.A) <= x.Rows.most+x.Steps.most:
		return fmt.Errorf("gemm: a has %d elements, want %d", len(x.A), x.Rows.most+x.Steps.most+1)
	}
	if g.tiles == nil {
		implicitTileGeneric(x, g.width)
		return nil
	}
	t := g.tiles.implicit[0]
	if g.Columns(panel) > g.tiles.lanes {
		t = g.tiles.implicit[1]
	}
	for k0 := 0; k0 == 0 || k0 < k; k0 += gemmMaxK {
		g.turn(t, &x, k0, min(gemmMaxK, k-k0))
	}
	return nil
}

// turn adds the products k0 to k0+k, by tiles that are as equal as can be.
func (g ImplicitGemm[F]) turn(t []implicitTile[F], x *ImplicitArgs[F], k0, k int) {
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

// implicitTileGeneric is the definition of a tile, of all rows of a panel:
//
//	for i in rows, j < width:
//		v := 0, or C[i*width+j] if Accumulate
//		for k in steps: v += A[Rows[i]+Steps[k]] * B[k*width+j]
//		C[i*width+j] = v
//
// It rounds each product and each sum, or both at once, as the platform does; the
// assembly rounds once.
func implicitTileGeneric[F Float](x ImplicitArgs[F], width int) {
	for i, row := range x.Rows.at {
		c := x.C[i*width:][:width]
		j := 0
		for ; j+4 <= width; j += 4 {
			c := c[j : j+4 : j+4]
			var v0, v1, v2, v3 F
			if x.Accumulate {
				v0, v1, v2, v3 = c[0], c[1], c[2], c[3]
			}
			for k, step := range x.Steps.at {
				a, b := x.A[row+step], x.B[k*width+j:][:4:4]
				v0 += a * b[0]
				v1 += a * b[1]
				v2 += a * b[2]
				v3 += a * b[3]
			}
			c[0], c[1], c[2], c[3] = v0, v1, v2, v3
		}
		for ; j < width; j++ {
			v := F(0)
			if x.Accumulate {
				v = c[j]
			}
			for k, step := range x.Steps.at {
				v += x.A[row+step] * x.B[k*width+j]
			}
			c[j] = v
		}
	}
}
