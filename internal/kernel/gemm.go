// Matrix multiplication: what is multiplied, and the plan of how.

package kernel

import (
	"fmt"
	"unsafe"
)

//go:generate go run -C _asm ./gemm -out ../gemm_amd64.s -stubs ../gemm_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./gemm -float 64 -out ../gemm64_amd64.s -stubs ../gemm64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./gemm -dispatch ../gemm_dispatch

// Float is a type that the plain Go kernels compute in.
type Float interface{ float32 | float64 }

// Strides are the distances, in elements, from an element of a matrix to the one
// in the next row and to the one in the next column. Any that are not negative
// will do: {Row: n, Col: 1} is a matrix [m,n] stored by rows, {Row: 1, Col: n}
// the transpose [n,m] of one, {Row: 0, Col: 1} a row repeated.
type Strides struct{ Row, Col int }

// GemmShape is the product of a [M,K] and b [K,N], c [M,N].
type GemmShape struct {
	M, N, K int
	A, B    Strides
	LDC     int // elements from a row of c to the next, at least N; c is stored by rows
}

// GemmArgs are the operands of one call. Each slice begins at the matrix's
// element (0,0) and is not shorter than to its last element.
type GemmArgs[F Float] struct {
	A []F
	B []F
	C []F // must not overlap A, B, PackedB or Bias
	// PackedB, if not nil, is what PackB made of b, and B is not read.
	PackedB []F
	// PackedK, if not 0, is the K of the plan that packed b, of which the first
	// rows are used: those of this plan's K.
	PackedK int
	// Accumulate adds to what is in C; otherwise C is overwritten, and what was
	// there, even NaN, does not matter.
	Accumulate bool
	// Bias [N], if not nil, is added to each row after the products.
	Bias []F
	// ReLU then replaces what is less than zero by zero; NaN stays NaN.
	ReLU bool
	// Prefetch is memory that is brought into the cache on the way, where there is
	// assembly: what is needed next, of which the product itself knows nothing.
	Prefetch [][]F
}

// Block is a part of c: the rows from Row0 up to but not including Row1, and the
// columns likewise.
type Block struct{ Row0, Row1, Col0, Col1 int }

// Gemm is a plan for products of one shape on one instruction set. It is
// immutable, and any number of threads may use it, each with its own scratch.
//
// Every element of c is one chain: it begins at zero (at what is in c when
// accumulating), and the products are added for k = 0, 1, 2 ..., with one
// rounding each on AVX2 and AVX512. So the bits depend neither on how c is split
// into blocks, nor on packing, nor on whether the two vector sets or one computed
// it; and a product accumulated over pieces of k in turn is the product over all
// of k.
type Gemm[F Float] struct {
	shape GemmShape
	tiles *gemmTiles[F] // nil: plain Go
	packA bool
	packB bool // panels are packed as they are met, if B is not packed already
	mc    int  // the most rows of a that meet one panel of b after another
	kc    int  // the most products in a tile's turn
}

// PlanGemm chooses how to multiply matrices of this shape; isa is one of
// Supported. It fails when the shape is not one.
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
	if g.tiles == nil {
		return g, nil
	}
	g.kc = equalPieces(s.K, gemmMaxK, g.tiles.lanes)
	g.mc = equalPieces(s.M, gemmMaxRows, 1)
	g.packA = g.mustPackA()
	g.packB = g.mustPackB()
	return g, nil
}

const (
	// gemmMaxK bounds the products of one call of a tile: 14 by 32 by 1024 take
	// 4 to 30 µs, and a call is not preempted.
	gemmMaxK = 1024
	// gemmLeastK is as few products as a tile is called for so that it can bring
	// more pieces of memory into the cache.
	gemmLeastK = 96
	// gemmMaxRows bounds the rows that meet a panel of b before it is left: 2 MB
	// of float32 at most, read in order, for which the L3 cache is fast enough.
	gemmMaxRows = 560
	// gemmAliasA and gemmAliasB are the powers of two that rows must not be a
	// multiple of bytes apart to be read side by side, or one after another: they
	// would share a few places of the caches.
	gemmAliasA = 4096
	gemmAliasB = 2048
	// gemmLine is the bytes in a cache line: panels begin on one.
	gemmLine = 64
)

// gemmSize returns the bytes of an element.
func gemmSize[F Float]() int { return int(unsafe.Sizeof(F(0))) }

// gemmAlign returns the elements in a cache line.
func gemmAlign[F Float]() int { return gemmLine / gemmSize[F]() }

// equalPieces returns the size of the equal pieces of n, none above limit, rounded
// up to a multiple of unit, and at least one unit.
func equalPieces(n, limit, unit int) int {
	pieces := (n + limit - 1) / limit
	if pieces == 0 {
		return unit
	}
	size := (n + pieces - 1) / pieces
	return min((size+unit-1)/unit*unit, max(limit, unit))
}

// mustPackA says whether a tile would read elements of a that are all in lines of
// their own, or that meet in the caches, again and again.
func (g Gemm[F]) mustPackA() bool {
	s := g.shape
	return s.N > 2*g.tiles.panel() && (min(s.A.Row, s.A.Col) > 1 || max(s.A.Row, s.A.Col)*gemmSize[F]()%gemmAliasA == 0)
}

// mustPackB says the same of b, whose rows also have to be vectors. To copy a
// panel for a few tiles costs more than it saves.
func (g Gemm[F]) mustPackB() bool {
	s := g.shape
	return s.B.Col != 1 || (s.M > 12*g.tiles.rows && s.B.Row*gemmSize[F]()%gemmAliasB == 0)
}

// Scratch returns how many elements of scratch Run and RunBlock need.
func (g Gemm[F]) Scratch() int {
	if g.tiles == nil {
		return 0
	}
	kc := max(min(g.kc, g.shape.K), 1)
	n := gemmAlign[F]() + kc*g.tiles.panel()
	if g.packA {
		tiles := (g.mc + g.tiles.rows - 1) / g.tiles.rows
		n += kc * tiles * g.tiles.aWidth()
	}
	return n
}

// Part returns the part-th of parts blocks that together are all of c, cut for
// equal work along rows or along columns. Parts beyond the work there is are
// empty. The cut depends on the shape, the instruction set and parts only.
func (g Gemm[F]) Part(part, parts int) Block {
	s, unit := g.shape, 4
	if g.tiles != nil {
		unit = g.tiles.panel()
	}
	panels := (s.N + unit - 1) / unit
	cut := func(n, i int) int { return n/parts*i + min(i, n%parts) }
	byRows := (s.M + parts - 1) / parts * s.N
	byColumns := (panels + parts - 1) / parts * unit * s.M
	if byColumns <= byRows+byRows/16 {
		return Block{0, s.M, min(cut(panels, part)*unit, s.N), min(cut(panels, part+1)*unit, s.N)}
	}
	return Block{cut(s.M, part), cut(s.M, part+1), 0, s.N}
}
