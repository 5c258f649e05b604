// What a matrix multiplication brings into the cache for those who come after it.

package kernel

// gemmPrefetch hands memory to the tiles, each of which touches some of it, spread
// evenly over the tiles and over the products of each.
type gemmPrefetch[F Float] struct {
	left [][]F // what is not handed out yet
	from int   // the elements of left[0] that are
	each int   // elements for one tile
	k    int   // the products of the last tile that took so many,
	step int   // and its step
}

// newPrefetch spreads memory over the tiles of a block. Where there are too few of
// them, it has them made for fewer products at a time, kc.
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
	// A tile touches one piece of memory, so each piece may leave one in part unused.
	each := pieces(size, max(calls-len(memory), 1))
	return gemmPrefetch[F]{left: memory, each: pieces(each, gemmAlign[F]()) * gemmAlign[F]()}, kc
}

// take returns where the next tile of k products is to begin, and the bytes from
// one product's place to the next's; nil when there is nothing left.
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
