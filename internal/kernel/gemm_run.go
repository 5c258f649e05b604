// The loops of a matrix multiplication around its tiles.

package kernel

import (
	"fmt"
	"unsafe"
)

// Run computes all of c: c = a·b, plus c if x.Accumulate, plus x.Bias in each row, and
// the ReLU of that if x.ReLU. Scratch has at least g.Scratch() elements. If a slice is
// too short, Run returns an error and leaves c unchanged.
func (g Gemm[F]) Run(x GemmArgs[F], scratch []F) error {
	return g.RunBlock(Block{0, g.shape.M, 0, g.shape.N}, x, scratch)
}

// RunBlock computes one block of c and writes nothing else:
//
//	for i in rows, j in columns of the block:
//		v := 0, or C[i*LDC+j] if Accumulate
//		for k := range K: v += A[i*A.Row+k*A.Col] * B[k*B.Row+j*B.Col]
//		v += Bias[j], if there is one
//		if ReLU and v < 0: v = 0
//		C[i*LDC+j] = v
//
// Assembly rounds a product and its sum once, plain Go once or twice, which depends on the
// platform. The operands are those of
// the whole product. With x.PackedB, blk.Col0 must be a multiple of PackedWidth, as in
// the blocks of Part. Threads that compute blocks at the same time need separate
// scratch.
func (g Gemm[F]) RunBlock(blk Block, x GemmArgs[F], scratch []F) error {
	if err := checkGemm(g.shape, blk, x, g.needPacked(x.PackedK)); err != nil {
		return err
	}
	if blk.Row0 == blk.Row1 || blk.Col0 == blk.Col1 {
		return nil
	}
	if need := g.Scratch(); len(scratch) < need {
		return fmt.Errorf("gemm: scratch of %d elements, want %d", len(scratch), need)
	}
	if x.PackedB != nil && blk.Col0%g.tiles.panel() != 0 {
		return fmt.Errorf("gemm: packed b read from column %d, want a multiple of %d", blk.Col0, g.tiles.panel())
	}
	if over := int(uintptr(unsafe.Pointer(&scratch[0]))) % gemmLine / gemmSize[F](); over > 0 {
		scratch = scratch[gemmAlign[F]()-over:]
	}
	mc := equalPieces(blk.Row1-blk.Row0, g.mc, 1)
	prefetch, kc := g.newPrefetch(blk, x.Prefetch)
	for row := blk.Row0; row < blk.Row1; row += mc {
		rows := min(mc, blk.Row1-row)
		for k0 := 0; k0 == 0 || k0 < g.shape.K; k0 += kc {
			g.multiply(blk, row, rows, k0, min(kc, g.shape.K-k0), &x, &prefetch, scratch)
		}
	}
	return nil
}

// multiply adds products k0 to k0+k-1 for some rows and all columns of the block. All
// rows are multiplied by a panel of b before the next panel. So the panel stays in the
// L1 cache and the rows stay in the L2 cache.
func (g Gemm[F]) multiply(blk Block, row, rows, k0, k int, x *GemmArgs[F], prefetch *gemmPrefetch[F], scratch []F) {
	t, s := g.tiles, &g.shape
	turn := gemmTurn[F]{
		gemmTiles: t, k: k, row: row, rows: rows, c: x.C, ldc: s.LDC, bias: x.Bias,
		tiles: (rows + t.rows - 1) / t.rows, prefetch: *prefetch,
	}
	turn.heights()
	if x.Accumulate || k0 > 0 {
		turn.flags |= gemmAccumulate
	}
	if k0+k == s.K {
		if x.Bias != nil {
			turn.flags |= gemmBias
		}
		if x.ReLU {
			turn.flags |= gemmReLU
		}
	}
	panel := scratch[:k*t.panel()]
	if (g.packA || g.wideA && g.packsFor(blk.Col1-blk.Col0)) && k > 0 {
		turn.a, turn.aTile = scratch[len(panel):], k*t.aWidth()
		turn.aRow, turn.aStep = 1, t.aWidth()
		for i := range turn.tiles {
			from, to := turn.tile(i)
			t.packPanel(turn.a[i*turn.aTile:], t.aWidth(), x.A[(row+from)*s.A.Row+k0*s.A.Col:],
				s.A.Col, s.A.Row, k, to-from)
		}
	} else if k > 0 {
		turn.a = x.A[row*s.A.Row+k0*s.A.Col:]
		turn.aRow, turn.aStep = s.A.Row, s.A.Col
		if s.A.Col == 1 && s.A.Row < 2*k {
			turn.aWalk = (gemmSize[F]()*s.A.Row + k - 1) / k
		}
	}

	for col := blk.Col0; col < blk.Col1; {
		width := min(t.panel(), blk.Col1-col)
		switch {
		case k == 0:
		case x.PackedB != nil:
			packed := max(x.PackedK, s.K)
			turn.b, turn.bStep = x.PackedB[col*packed+k0*t.panel():], t.panel()
			turn.bPanel = t.panel() * packed
		case g.packB || (width%t.lanes != 0 && !t.maskedB):
			t.packPanel(panel, t.panel(), x.B[k0*s.B.Row+col*s.B.Col:], s.B.Row, s.B.Col, k, width)
			turn.b, turn.bStep, turn.bPanel = panel, t.panel(), 0
		default:
			turn.b, turn.bStep, turn.bPanel = x.B[k0*s.B.Row+col:], s.B.Row, t.panel()
		}
		if k > 0 && turn.bPanel > 0 && rows <= len(t.wide) {
			if wide := t.wide[rows-1].panels * t.panel(); blk.Col1-col >= wide {
				width = wide
			}
		}
		turn.next = nil
		if x.PackedB == nil && s.B.Col == 1 && col+width < blk.Col1 && k > 0 {
			turn.next, turn.nextStep = x.B[k0*s.B.Row+col+width:], s.B.Row
		}
		turn.column(col, width)
		col += width
	}
	*prefetch = turn.prefetch
}

// gemmTurn is the state of multiply: what its tiles have in common.
type gemmTurn[F Float] struct {
	*gemmTiles[F]
	k, row, rows, tiles int
	a                   []F // begins at element (row, k0); packed: at the first tile
	aRow, aStep         int // elements between rows and from k to k+1
	aTile               int // packed: elements between tiles
	aWalk               int // a by rows: bytes to go for each k, to get through a row in k steps; 0 if not dense
	full                int // how many tiles are the tallest
	size, more          int // rows of the others, and how many of them have one more
	b                   []F // begins at element (k0, col)
	bStep, bPanel       int // elements from k to k+1 and between panels
	next                []F // the next panel, not packed; empty if it is not by rows
	nextStep            int
	c                   []F
	ldc                 int
	bias                []F
	flags               int
	prefetch            gemmPrefetch[F]
}

// heights chooses the rows of the tiles. Heights differ by at most 1: a tile of few rows
// would wait for the latency of its own sums. Where only the tallest tiles have enough sums,
// the last few are cut instead.
func (t *gemmTurn[F]) heights() {
	t.size, t.more = t.rows/t.tiles, t.rows%t.tiles
	tallest, lowest := t.gemmTiles.rows, t.lowest
	if lowest == 0 {
		return
	}
	missing, cut := t.tiles*tallest-t.rows, tallest-lowest
	if last := (missing + cut - 1) / cut; last > 0 && last <= t.tiles {
		t.full, t.size, t.more = t.tiles-last, lowest, last*cut-missing
	}
}

// tile returns the rows of the i-th tile, counted from t.row.
func (t *gemmTurn[F]) tile(i int) (from, to int) {
	if i < t.full {
		return i * t.gemmTiles.rows, (i + 1) * t.gemmTiles.rows
	}
	from = t.full * t.gemmTiles.rows
	i -= t.full
	from += t.size*i + min(i, t.more)
	to = from + t.size
	if i < t.more {
		to++
	}
	return from, to
}

// column computes all rows of width columns, from col on: those of a wide tile, or at most
// one panel.
func (t *gemmTurn[F]) column(col, width int) {
	bytes := gemmSize[F]()
	var bias, b, a *F
	if t.flags&gemmBias != 0 {
		bias = &t.bias[col]
	}
	if t.k > 0 {
		b = &t.b[0]
	}
	kernels, lanes := t.narrow[0][:], width
	if width > t.lanes {
		kernels, lanes = t.narrow[1][:], width-t.lanes
	}
	for i := range t.tiles {
		from, to := t.tile(i)
		if t.k > 0 {
			if t.aTile > 0 {
				a = &t.a[i*t.aTile]
			} else {
				a = &t.a[from*t.aRow]
			}
		}
		next, nextStep := t.nextPrefetch(i, b)
		run := kernels[to-from-1]
		if width > t.panel() {
			run, lanes = t.wide[to-from-1].run, t.lanes
		}
		run(t.k, a, t.aRow*bytes, t.aStep*bytes, b, t.bStep*bytes, t.bPanel*bytes,
			&t.c[(t.row+from)*t.ldc+col], t.ldc*bytes, lanes, t.flags, bias, next, nextStep)
	}
}

// nextPrefetch returns the memory that the i-th tile prefetches, one line for each k,
// and the bytes from one line to the next. GemmArgs.Prefetch comes first. Then the
// first two tiles prefetch the two lines of each row of the next panel, and the others
// the next tile of a. It returns b and 0, which costs nothing, where the processor's
// own prefetcher is enough.
func (t *gemmTurn[F]) nextPrefetch(i int, b *F) (next *F, step int) {
	if next, step = t.prefetch.take(t.k); next != nil {
		return next, step
	}
	after := i + 1
	if after == t.tiles {
		after = 0
	}
	switch {
	case i < 2 && len(t.next) > gemmAlign[F]():
		return &t.next[gemmAlign[F]()*i], t.nextStep * gemmSize[F]()
	case t.aTile > 0:
		return &t.a[after*t.aTile], t.aStep * gemmSize[F]()
	case t.aRow == 1: // implies k > 0
		from, _ := t.tile(after)
		if beyond := t.k * t.aStep; after == 0 && beyond < len(t.a) {
			from = beyond // the next products of the first tile
		}
		return &t.a[from], t.aStep * gemmSize[F]()
	case t.aWalk > 0 && after > 0:
		from, to := t.tile(after)
		return &t.a[from*t.aRow], (to - from) * t.aWalk
	default:
		return b, 0
	}
}

// needPacked returns how many elements of packed b are read. It was packed for k rows;
// 0 stands for those of the plan.
func (g Gemm[F]) needPacked(k int) int {
	w := g.PackedWidth()
	return max(0, (g.shape.N-1)/w)*w*max(k-g.shape.K, 0) + g.PackedB()
}

// checkGemm returns an error if the block is not inside c, or an operand is too short
// for the shape.
func checkGemm[F Float](s GemmShape, blk Block, x GemmArgs[F], packed int) error {
	if blk.Row0 < 0 || blk.Row0 > blk.Row1 || blk.Row1 > s.M ||
		blk.Col0 < 0 || blk.Col0 > blk.Col1 || blk.Col1 > s.N {
		return fmt.Errorf("gemm: block %+v is not inside [%d,%d]", blk, s.M, s.N)
	}
	if s.M == 0 || s.N == 0 {
		return nil
	}
	if need := (s.M-1)*s.LDC + s.N; len(x.C) < need {
		return fmt.Errorf("gemm: c [%d,%d] has %d elements, want %d", s.M, s.N, len(x.C), need)
	}
	if x.Bias != nil && len(x.Bias) < s.N {
		return fmt.Errorf("gemm: bias has %d elements, want %d", len(x.Bias), s.N)
	}
	if s.K == 0 {
		return nil
	}
	if need := (s.M-1)*s.A.Row + (s.K-1)*s.A.Col + 1; len(x.A) < need {
		return fmt.Errorf("gemm: a [%d,%d] has %d elements, want %d", s.M, s.K, len(x.A), need)
	}
	if x.PackedB != nil {
		if x.PackedK != 0 && x.PackedK < s.K {
			return fmt.Errorf("gemm: b packed with %d rows, want at least %d", x.PackedK, s.K)
		}
		if len(x.PackedB) < packed {
			return fmt.Errorf("gemm: packed b [%d,%d] has %d elements, want %d", s.K, s.N, len(x.PackedB), packed)
		}
		return nil
	}
	if need := (s.K-1)*s.B.Row + (s.N-1)*s.B.Col + 1; len(x.B) < need {
		return fmt.Errorf("gemm: b [%d,%d] has %d elements, want %d", s.K, s.N, len(x.B), need)
	}
	return nil
}
