// Matrix multiplication: shapes, arguments and plans.

package kernel

import (
	"fmt"
	"unsafe"
)

//go:generate go run -C _asm ./gemm -out ../gemm_amd64.s -stubs ../gemm_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./gemm -float 64 -out ../gemm64_amd64.s -stubs ../gemm64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./gemm -neon -out ../gemm_arm64.s -stubs ../gemm_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./gemm -neon -float 64 -out ../gemm64_arm64.s -stubs ../gemm64_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./gemm -dispatch ../gemm_dispatch

// Float is an element type of the kernels.
type Float interface{ float32 | float64 }

// Strides are the distances, in elements, from an element of a matrix to the one in
// the next row and to the one in the next column. They must not be negative.
// {Row: n, Col: 1} is a matrix [m,n] stored by rows, {Row: 1, Col: n} the transpose
// [n,m] of one, {Row: 0, Col: 1} a row that is repeated.
type Strides struct{ Row, Col int }

// GemmShape is the product of a [M,K] and b [K,N], c [M,N].
type GemmShape struct {
	M, N, K int
	A, B    Strides
	LDC     int // elements from a row of c to the next, at least N; the columns of a row are adjacent
}

// GemmArgs are the operands of one call. Each slice begins at the matrix's element
// (0,0) and reaches at least to its last element.
type GemmArgs[F Float] struct {
	A []F
	B []F
	C []F // must not overlap A, B, PackedB or Bias
	// PackedB, if not nil, is b as PackB writes it. Then B is not read.
	PackedB []F
	// PackedK, if not 0, is the K of the plan that packed b. It may be larger than K
	// of this plan, which then reads the first rows of b.
	PackedK int
	// Accumulate adds the product to C. Without it C is overwritten, whatever it
	// contains, even NaN.
	Accumulate bool
	// Bias [N], if not nil, is added to each row after the products.
	Bias []F
	// ReLU then replaces negative results by zero; NaN stays NaN.
	ReLU bool
	// Prefetch is memory that the assembly prefetches while it multiplies, for
	// whatever runs next. It does not change the product.
	Prefetch [][]F
}

// Block is a part of c: rows Row0 to Row1-1, columns Col0 to Col1-1.
type Block struct{ Row0, Row1, Col0, Col1 int }

// Gemm is a plan for products of one shape on one instruction set. It is
// immutable, and any number of threads may use it, each with its own scratch.
//
// Every element of c is one chain of sums. It starts with zero, or with the element
// of c when accumulating. Then the products are added for k = 0, 1, 2 ..., in assembly
// with one rounding each. So the bits do not depend on the blocks of c, on
// packing, or on the vector instruction set. Accumulating products over consecutive
// pieces of k gives the bits of the product over all of k.
type Gemm[F Float] struct {
	shape GemmShape
	tiles *gemmTiles[F]
	packA bool
	wideA bool // a is packed for blocks of many columns
	packB bool // each panel is packed before it is used, unless PackedB is given
	mc    int  // the most rows of a that are multiplied by one panel after another
	kc    int  // the most products that a tile adds in one call
}

// PlanGemm plans products of this shape; isa is one of Supported. It returns an error
// if the shape is invalid.
func PlanGemm[F Float](isa ISA, s GemmShape) (Gemm[F], error) {
	switch {
	case s.M < 0 || s.N < 0 || s.K < 0:
		return Gemm[F]{}, fmt.Errorf("gemm [%d,%d]x[%d,%d]: extents must not be negative", s.M, s.K, s.K, s.N)
	case s.A.Row < 0 || s.A.Col < 0 || s.B.Row < 0 || s.B.Col < 0:
		return Gemm[F]{}, fmt.Errorf("gemm [%d,%d]x[%d,%d]: strides %v and %v must not be negative",
			s.M, s.K, s.K, s.N, s.A, s.B)
	case s.LDC < s.N:
		return Gemm[F]{}, fmt.Errorf("gemm [%d,%d]x[%d,%d]: rows of c are %d apart, want at least %d",
			s.M, s.K, s.K, s.N, s.LDC, s.N)
	}
	g := Gemm[F]{shape: s, tiles: gemmTilesFor[F](isa)}
	g.kc = equalPieces(s.K, gemmMaxK, g.tiles.lanes)
	g.mc = equalPieces(s.M, gemmMaxRows, 1)
	g.packA = g.mustPackA()
	g.wideA = s.A.Row == 1 && g.packsFor(s.N)
	g.packB = g.mustPackB()
	return g, nil
}

const (
	// gemmMaxK limits the products of one call of a tile: 14 by 32 by 1024 take 4 to
	// 30 µs, and a call is not preempted.
	gemmMaxK = 1024
	// gemmLeastK is the least products of a call where calls are shortened so that
	// more of them can prefetch.
	gemmLeastK = 96
	// gemmMaxRows limits the rows of a that are multiplied by a panel of b before the
	// next panel: at most 2 MB of float32, read in order. The L3 cache is fast enough
	// for that.
	gemmMaxRows = 560
	// gemmAliasA and gemmAliasB are strides in bytes. Rows whose stride is a multiple
	// of them compete for a few sets of the cache: rows of a, which are read side by
	// side, and rows of b, which are read one after another.
	gemmAliasA = 4096
	gemmAliasB = 2048
	// gemmLine is the bytes of a cache line. Panels are aligned to it.
	gemmLine = 64
)

// gemmSize returns the bytes of an element.
func gemmSize[F Float]() int { return int(unsafe.Sizeof(F(0))) }

// gemmAlign returns the elements in a cache line.
func gemmAlign[F Float]() int { return gemmLine / gemmSize[F]() }

// equalPieces cuts n into the fewest pieces of at most limit. It returns the size of
// equal pieces, rounded up to a multiple of unit and at least one unit.
func equalPieces(n, limit, unit int) int {
	pieces := (n + limit - 1) / limit
	if pieces == 0 {
		return unit
	}
	size := (n + pieces - 1) / pieces
	return min((size+unit-1)/unit*unit, max(limit, unit))
}

// mustPackA reports whether the tiles would repeatedly read elements of a that lie in
// different cache lines, or lines that compete for the same sets. A tile of a
// transposed a reads a part of a line for each k.
func (g Gemm[F]) mustPackA() bool {
	s := g.shape
	panels := s.N / g.tiles.panel()
	if s.N <= 2*g.tiles.panel() {
		return false
	}
	if min(s.A.Row, s.A.Col) > 1 || max(s.A.Row, s.A.Col)*gemmSize[F]()%gemmAliasA == 0 {
		return true
	}
	held := gemmLinesHeld(s.A.Col * gemmSize[F]())
	return s.A.Row == 1 && (s.K > 2*held || panels >= 8 && s.K > held)
}

// mustPackB reports the same for b. It also has to be packed if the columns of a row
// are not adjacent. For a few tiles, packing a panel costs more than it saves.
func (g Gemm[F]) mustPackB() bool {
	s := g.shape
	if s.B.Col != 1 {
		return true
	}
	bytes := s.B.Row * gemmSize[F]()
	return s.M > g.tiles.packB && (bytes%gemmAliasB == 0 || s.K > gemmLinesHeld(bytes)/2)
}

// packsFor reports whether packing a transposed a pays for as many columns of c. A tile
// reads a part of a cache line of it for each k, so the lines of few tiles fill the L1
// cache. With small tiles this costs more than packing.
func (g Gemm[F]) packsFor(columns int) bool {
	return g.tiles.packA > 0 && columns >= g.tiles.packA*g.tiles.panel()
}

// gemmLinesHeld is how many cache lines, stride bytes apart, a first-level cache with 64
// sets of 8 lines holds: 8 for each set that they fall into.
func gemmLinesHeld(stride int) int {
	const sets, ways = 64, 8
	a, b := stride, sets*gemmLine
	for b > 0 {
		a, b = b, a%b
	}
	return ways * min(sets, sets*gemmLine/max(a, 1))
}

// PacksB reports whether a product packs b if it is not given PackedB.
func (g Gemm[F]) PacksB() bool { return g.packB }

// Scratch returns how many elements of scratch Run and RunBlock need.
func (g Gemm[F]) Scratch() int {
	kc := max(min(g.kc, g.shape.K), 1)
	n := gemmAlign[F]() + kc*g.tiles.panel()
	if g.packA || g.wideA {
		tiles := (g.mc + g.tiles.rows - 1) / g.tiles.rows
		n += kc * tiles * g.tiles.aWidth()
	}
	return n
}

// Part returns block number part of the given number of blocks. Together they cover
// c, cut along rows or along columns into equal work. Blocks are empty if there are
// more parts than work. The cut depends only on the shape, the instruction set and
// parts. Where a is packed, each block of columns packs all of it, so the cut is
// along the axis with more tiles.
func (g Gemm[F]) Part(part, parts int) Block {
	s, unit := g.shape, g.tiles.panel()
	panels := (s.N + unit - 1) / unit
	cut := func(n, i int) int { return n/parts*i + min(i, n%parts) }
	byRows := (s.M + parts - 1) / parts * s.N
	byColumns := (panels + parts - 1) / parts * unit * s.M
	manyRows := g.packA && s.M > panels*g.tiles.rows
	if byColumns <= byRows+byRows/16 && !manyRows {
		return Block{0, s.M, min(cut(panels, part)*unit, s.N), min(cut(panels, part+1)*unit, s.N)}
	}
	return Block{cut(s.M, part), cut(s.M, part+1), 0, s.N}
}
