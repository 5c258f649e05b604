// The memory that a matrix multiplication prefetches for the code that runs next.

package kernel

// gemmPrefetch distributes memory over the calls of tiles. Each call prefetches some of
// it, spread evenly over its products.
type gemmPrefetch[F Float] struct {
	left [][]F // memory that no call has taken yet
	from int   // except for the first elements of left[0]
	each int   // elements for one call
	k    int   // the products of the last call that took each elements
	step int   // the step of that call
}

// newPrefetch distributes memory over the calls of tiles for a block. kc is the
// products of a call, fewer than planned where there would be too few calls.
func (g Gemm[F]) newPrefetch(blk Block, memory [][]F) (f gemmPrefetch[F], kc int) {
	size, kc := 0, g.kc
	for _, m := range memory {
		size += len(m)
	}
	if size == 0 {
		return f, kc
	}
	pieces := func(n, of int) int { return (n + of - 1) / of }
	tiles := pieces(blk.Row1-blk.Row0, g.tiles.rows) * pieces(blk.Col1-blk.Col0, g.tiles.panel())
	calls := tiles * pieces(g.shape.K, kc)
	if want := len(memory) + 5; calls < want && tiles > 0 {
		kc = max(pieces(g.shape.K, pieces(want, tiles)), min(kc, gemmLeastK))
		calls = tiles * pieces(g.shape.K, kc)
	}
	// A call takes memory of one piece, so the last call of each piece may take less.
	each := pieces(size, max(calls-len(memory), 1))
	return gemmPrefetch[F]{left: memory, each: pieces(each, gemmAlign[F]()) * gemmAlign[F]()}, kc
}

// take returns the address at which the next call, of k products, begins to prefetch,
// and the bytes to go from product to product. It returns nil if no memory is left.
func (f *gemmPrefetch[F]) take(k int) (next *F, step int) {
	for len(f.left) > 0 && f.from >= len(f.left[0]) {
		f.left, f.from = f.left[1:], 0
	}
	if len(f.left) == 0 || k == 0 {
		return nil, 0
	}
	n := min(f.each, len(f.left[0])-f.from, k*gemmAlign[F]())
	next = &f.left[0][f.from]
	f.from += n
	if n == f.each && k == f.k {
		return next, f.step // a division is slow
	}
	step = (gemmSize[F]()*n + k - 1) / k
	if n == f.each {
		f.k, f.step = k, step
	}
	return next, step
}
