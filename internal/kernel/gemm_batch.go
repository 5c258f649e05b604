// Many matrix products of one shape.

package kernel

import (
	"fmt"
	"slices"
	"unsafe"
)

// GemmBatch is a plan for products of one shape whose matrices lie at different places
// of the same arrays. It is immutable, and any number of threads may use it, each with
// its own scratch.
//
// Every element is a chain of sums as in Gemm, with the same bits.
type GemmBatch[F Float] struct {
	gemm    Gemm[F]
	a, b, c []int // by product: the place of its matrices
	endA    int   // the least lengths of the arrays
	endB    int
	sizeC   int // the elements from a result's first to its last

	small  bool // the matrices of a product stay in the cache
	rows   []batchRows
	panels []batchPanel[F]
	fetch  []batchFetch
}

// batchRows are the rows of a tile.
type batchRows struct{ row, height int }

// batchPanel is the columns of some tiles.
type batchPanel[F Float] struct {
	col, width int
	lanes      int           // used in the last vector
	reads      int           // columns of b that the tiles read
	tiles      []gemmTile[F] // by height-1
}

// batchFetch is what one tile prefetches for the next product: K lines, step bytes
// apart, of a matrix.
type batchFetch struct {
	of   byte // 'a', 'b' or 'c'
	from int  // elements from the matrix's first
	step int
}

// BatchArgs are the operands of products: the arrays in which their matrices lie.
type BatchArgs[F Float] struct {
	A []F
	B []F
	C []F // must not overlap A or B
	// CFrom is the place of C's first element, if C is only the part of the array that
	// Run writes.
	CFrom int
}

// maxSmallGemm is the most bytes of the three matrices of a small product. They stay in
// the second-level cache together with those of the next product.
const maxSmallGemm = 1 << 17

// PlanGemmBatch plans products of a shape. Product i reads a from element a[i] of its
// array on, and so forth; isa is one of Supported. It returns an error if the shape is
// invalid, or if the lists are not equally long or have negative numbers. The results
// must not overlap.
func PlanGemmBatch[F Float](isa ISA, s GemmShape, a, b, c []int) (*GemmBatch[F], error) {
	gemm, err := PlanGemm[F](isa, s)
	if err != nil {
		return nil, err
	}
	if len(a) != len(b) || len(b) != len(c) {
		return nil, fmt.Errorf("gemm: %d places of a, %d of b and %d of c, want as many of each", len(a), len(b), len(c))
	}
	g := &GemmBatch[F]{gemm: gemm, a: a, b: b, c: c}
	if len(a) == 0 {
		return g, nil
	}
	if low := min(slices.Min(a), slices.Min(b), slices.Min(c)); low < 0 {
		return nil, fmt.Errorf("gemm: a matrix at %d, want none below 0", low)
	}
	if s.M > 0 && s.N > 0 {
		g.sizeC = (s.M-1)*s.LDC + s.N
		if s.K > 0 {
			g.endA = slices.Max(a) + (s.M-1)*s.A.Row + (s.K-1)*s.A.Col + 1
			g.endB = slices.Max(b) + (s.K-1)*s.B.Row + (s.N-1)*s.B.Col + 1
		}
	}
	bytes := (s.M*s.K + s.K*s.N + s.M*s.N) * gemmSize[F]()
	if !gemm.packA && s.M > 0 && s.N > 0 && s.K > 0 && s.K <= gemmMaxK && bytes <= maxSmallGemm {
		g.planSmall()
	}
	return g, nil
}

// planSmall cuts the result into tiles.
func (g *GemmBatch[F]) planSmall() {
	s, t := g.gemm.shape, g.gemm.tiles
	g.small = true
	tiles := (s.M + t.rows - 1) / t.rows
	for row := range tiles {
		from := s.M/tiles*row + min(row, s.M%tiles)
		to := s.M/tiles*(row+1) + min(row+1, s.M%tiles)
		g.rows = append(g.rows, batchRows{from, to - from})
	}
	for col := 0; col < s.N; col += t.panel() {
		p := batchPanel[F]{col: col, width: min(t.panel(), s.N-col)}
		vectors := (p.width + t.lanes - 1) / t.lanes
		p.lanes, p.reads, p.tiles = p.width-(vectors-1)*t.lanes, vectors*t.lanes, t.narrow[vectors-1][:]
		if t.maskedB {
			p.reads = p.width
		}
		g.panels = append(g.panels, p)
	}
	g.prefetch('a', s.M, s.K, s.A)
	g.prefetch('b', s.K, s.N, s.B)
	g.prefetch('c', s.M, s.N, Strides{s.LDC, 1})
	g.fetch = g.fetch[:min(len(g.fetch), len(g.rows)*len(g.panels))]
}

// prefetch lets tiles prefetch the next matrix [rows,cols], row by row or, if it has no
// gaps, line by line.
func (g *GemmBatch[F]) prefetch(of byte, rows, cols int, s Strides) {
	if s.Row < s.Col {
		rows, cols, s.Row, s.Col = cols, rows, s.Col, s.Row
	}
	k, line := g.gemm.shape.K, gemmAlign[F]()
	if width := (cols-1)*s.Col + 1; s.Row > width || rows == 1 {
		for from := 0; from < width; from += line {
			for row := 0; row < rows; row += k {
				g.fetch = append(g.fetch, batchFetch{of, row*s.Row + from, s.Row * gemmSize[F]()})
			}
		}
		return
	}
	for from := 0; from < rows*s.Row; from += k * line {
		g.fetch = append(g.fetch, batchFetch{of, from, gemmLine})
	}
}

// Len is the number of products.
func (g *GemmBatch[F]) Len() int { return len(g.a) }

// Scratch returns how many elements of scratch Run needs.
func (g *GemmBatch[F]) Scratch() int { return g.gemm.Scratch() }

// Run computes products number from to to-1. If a slice is too short, it returns an
// error and leaves c unchanged.
func (g *GemmBatch[F]) Run(from, to int, x BatchArgs[F], scratch []F) error {
	switch {
	case from < 0 || from > to || to > len(g.a):
		return fmt.Errorf("gemm: products %d to %d of %d", from, to, len(g.a))
	case len(x.A) < g.endA:
		return fmt.Errorf("gemm: matrices a end at %d in %d elements", g.endA, len(x.A))
	case len(x.B) < g.endB:
		return fmt.Errorf("gemm: matrices b end at %d in %d elements", g.endB, len(x.B))
	}
	for _, at := range g.c[from:to] {
		if at < x.CFrom || at-x.CFrom+g.sizeC > len(x.C) {
			return fmt.Errorf("gemm: a result from %d to %d in elements %d to %d", at, at+g.sizeC, x.CFrom, x.CFrom+len(x.C))
		}
	}
	if !g.small {
		for i := from; i < to; i++ {
			args := GemmArgs[F]{A: x.A[g.a[i]:], B: x.B[g.b[i]:], C: x.C[g.c[i]-x.CFrom:]}
			if err := g.gemm.Run(args, scratch); err != nil {
				return err
			}
		}
		return nil
	}
	if need := g.Scratch(); len(scratch) < need {
		return fmt.Errorf("gemm: scratch of %d elements, want %d", len(scratch), need)
	}
	if over := int(uintptr(unsafe.Pointer(&scratch[0]))) % gemmLine / gemmSize[F](); over > 0 {
		scratch = scratch[gemmAlign[F]()-over:]
	}
	for i := from; i < to; i++ {
		g.multiply(i, min(i+1, to-1), &x, scratch)
	}
	return nil
}

// multiply computes product i and prefetches the matrices of product next. fetch has no
// more entries than there are tiles.
func (g *GemmBatch[F]) multiply(i, next int, x *BatchArgs[F], scratch []F) {
	s, t, bytes := &g.gemm.shape, g.gemm.tiles, gemmSize[F]()
	a, b, c := x.A[g.a[i]:], x.B[g.b[i]:], x.C[g.c[i]-x.CFrom:]
	fetch := g.fetch
	for p := range g.panels {
		panel := &g.panels[p]
		from, step := &scratch[0], t.panel()*bytes
		if s.B.Col != 1 || (s.K-1)*s.B.Row+panel.col+panel.reads > len(b) {
			t.packPanel(scratch, t.panel(), b[panel.col*s.B.Col:], s.B.Row, s.B.Col, s.K, panel.width)
		} else {
			from, step = &b[panel.col], s.B.Row*bytes
		}
		for _, r := range g.rows {
			ahead, aheadStep := from, 0
			if len(fetch) > 0 {
				ahead, aheadStep = g.ahead(fetch[0], next, x), fetch[0].step
				fetch = fetch[1:]
			}
			panel.tiles[r.height-1](s.K, &a[r.row*s.A.Row], s.A.Row*bytes, s.A.Col*bytes, from, step, 0,
				&c[r.row*s.LDC+panel.col], s.LDC*bytes, panel.lanes, 0, nil, ahead, aheadStep)
		}
	}
}

// ahead is where a tile begins to prefetch.
func (g *GemmBatch[F]) ahead(f batchFetch, next int, x *BatchArgs[F]) *F {
	switch f.of {
	case 'a':
		return &x.A[g.a[next]+f.from]
	case 'b':
		return &x.B[g.b[next]+f.from]
	}
	return &x.C[g.c[next]-x.CFrom+f.from]
}
