package interp

import (
	"github.com/stheno-ml/stheno/lower"
	"gonum.org/v1/gonum/blas"
)

// A convolution is a matrix product of the kernels [O, C*KH*KW] with the unfolded
// image, which has a column for each window and a row for each tap. It is computed a
// tile at a time. tileWindows is the most windows of a tile, so few that the product
// stays in the cache.
const tileWindows = 192

// ConvTiles is a convolution cut into tiles. The cut depends only on the shapes. A tile
// is a matrix product; engines with their own matrix products use everything else of
// ConvTiles.
type ConvTiles struct {
	lower.Geometry
	Out         int // channels of the result
	n, c, h, w  int // of the images
	kh, kw      int // of the kernels
	oh, ow      int // windows of an image: rows, columns
	images      int // in a tile; 1 if an image has several tiles
	rows, bands int // rows of windows in a tile, tiles in an image
}

// NewConvTiles cuts the convolution of images x [N, C, H, W] with kernels
// w [O, C, KH, KW] to y [N, O, P, Q].
func NewConvTiles(g lower.Geometry, x, w, y lower.Shape) *ConvTiles {
	c := &ConvTiles{Geometry: g, n: x[0], c: x[1], h: x[2], w: x[3], Out: w[0], kh: w[2], kw: w[3], oh: y[2], ow: y[3]}
	c.images = max(1, min(c.n, tileWindows/c.windows()))
	c.rows, c.bands = c.oh, 1
	if c.windows() > tileWindows {
		c.rows = max(1, tileWindows/c.ow)
		c.rows = ceilDiv(c.oh, ceilDiv(c.oh, c.rows)) // bands of nearly equal height
		c.bands = ceilDiv(c.oh, c.rows)
	}
	return c
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// windows is the number of windows in an image.
func (c *ConvTiles) windows() int { return c.oh * c.ow }

// Taps is the number of a kernel's weights, C*KH*KW.
func (c *ConvTiles) Taps() int { return c.c * c.kh * c.kw }

// Groups is the number of groups of images. Every tile is inside one group.
func (c *ConvTiles) Groups() int { return ceilDiv(c.n, c.images) }

// Tiles is the number of tiles. The first Tiles()/Groups() tiles are those of the first
// group, and so on.
func (c *ConvTiles) Tiles() int { return c.Groups() * c.bands }

// ConvTile is the windows in rows r0 to r1-1 of images n0 to n1-1.
type ConvTile struct{ n0, n1, r0, r1 int }

// At returns tile number t, from 0 to Tiles()-1.
func (c *ConvTiles) At(t int) ConvTile {
	g, band := t/c.bands, t%c.bands
	return ConvTile{g * c.images, min((g+1)*c.images, c.n), band * c.rows, min((band+1)*c.rows, c.oh)}
}

// Images returns the images of a tile: from to to-1.
func (c *ConvTiles) Images(t ConvTile) (from, to int) { return t.n0, t.n1 }

// Width is the number of windows in a tile.
func (c *ConvTiles) Width(t ConvTile) int { return (t.n1 - t.n0) * (t.r1 - t.r0) * c.ow }

// ld is the leading dimension of a tile's matrices in a ConvScratch.
func (c *ConvTiles) ld() int { return c.images * c.rows * c.ow }

// Scratch is the number of elements that a ConvScratch needs.
func (c *ConvTiles) Scratch() int { return (c.Taps() + c.Out) * c.ld() }

// ConvScratch is the scratch memory of one thread: a tile's unfolded images, and its
// result or the gradient of its result.
type ConvScratch[T lower.Float] struct {
	tiles     *ConvTiles
	cols, out []T
}

// NewConvScratch returns scratch for the tiles of c in memory, which has at least
// c.Scratch() elements.
func NewConvScratch[T lower.Float](c *ConvTiles, memory []T) ConvScratch[T] {
	n := c.Taps() * c.ld()
	return ConvScratch[T]{c, memory[:n], memory[n:]}
}

// eachRange calls work in parallel for ranges of [0, n) of at most grain numbers. Each
// call has its own scratch, which later calls reuse.
func eachRange[T lower.Float](c *ConvTiles, n, grain int, work func(s *ConvScratch[T], lo, hi int)) {
	free := make(chan *ConvScratch[T], ceilDiv(n, grain))
	parallel(n, grain, func(lo, hi int) {
		var s *ConvScratch[T]
		select {
		case s = <-free:
		default:
			scratch := NewConvScratch(c, make([]T, c.Scratch()))
			s = &scratch
		}
		work(s, lo, hi)
		free <- s
	})
}

// direct reports whether each window is one pixel, so the unfolded image is the image
// itself.
func (c *ConvTiles) direct() bool {
	return c.images == 1 && c.kh == 1 && c.kw == 1 && c.Stride == [2]int{1, 1} && c.Pad == (lower.Margins{})
}

// UnfoldedLD is the leading dimension of the matrix that Unfolded returns.
func (c *ConvTiles) UnfoldedLD() int {
	if c.direct() {
		return c.h * c.w
	}
	return c.ld()
}

// Unfolded returns the tile's unfolded images x, a matrix [Taps, Width].
func (s *ConvScratch[T]) Unfolded(x []T, t ConvTile) []T {
	c := s.tiles
	size := c.c * c.h * c.w
	if c.direct() {
		return x[t.n0*size+t.r0*c.ow:]
	}
	for n := t.n0; n < t.n1; n++ {
		unfold(c, x[n*size:(n+1)*size], t.r0, t.r1, s.cols[(n-t.n0)*(t.r1-t.r0)*c.ow:], s.tiles.ld())
	}
	return s.cols
}

// Folding returns memory for a matrix [Taps, Width], which Fold adds to the images.
func (s *ConvScratch[T]) Folding() []T { return s.cols }

// FoldingLD is the leading dimension of the matrix of Folding.
func (c *ConvTiles) FoldingLD() int { return c.ld() }

// Fold adds the matrix in Folding to the images x, each column to its window.
func (s *ConvScratch[T]) Fold(x []T, t ConvTile) {
	c := s.tiles
	size := c.c * c.h * c.w
	for n := t.n0; n < t.n1; n++ {
		fold(c, s.cols[(n-t.n0)*(t.r1-t.r0)*c.ow:], s.tiles.ld(), t.r0, t.r1, x[n*size:(n+1)*size])
	}
}

// GatheredLD is the leading dimension of the matrices that Gathered and Result return.
func (c *ConvTiles) GatheredLD() int {
	if c.images == 1 {
		return c.windows()
	}
	return c.ld()
}

// Gathered returns the tile's part of y [N, O, P, Q] as a matrix [O, Width].
func (s *ConvScratch[T]) Gathered(y []T, t ConvTile) []T {
	if s.tiles.images > 1 {
		s.each(y, t, func(whole, part []T) { copy(part, whole) })
	}
	return s.Result(y, t)
}

// Result returns memory for a matrix [O, Width], which Scatter copies to y. It may be
// memory of y.
func (s *ConvScratch[T]) Result(y []T, t ConvTile) []T {
	if c := s.tiles; c.images == 1 {
		return y[t.n0*c.Out*c.windows()+t.r0*c.ow:]
	}
	return s.out
}

// Scatter copies the matrix in Result to y, unless it is in y already.
func (s *ConvScratch[T]) Scatter(y []T, t ConvTile) {
	if s.tiles.images > 1 {
		s.each(y, t, func(whole, part []T) { copy(whole, part) })
	}
}

// each calls f for every channel of every image of the tile, with its part of y and its
// part of s.out.
func (s *ConvScratch[T]) each(y []T, t ConvTile, f func(whole, part []T)) {
	c := s.tiles
	p := c.windows()
	for n := t.n0; n < t.n1; n++ {
		for o := range c.Out {
			f(y[(n*c.Out+o)*p:][:p], s.out[o*s.tiles.ld()+(n-t.n0)*p:][:p])
		}
	}
}

// runConv computes the convolution y of x with w.
func runConv[T lower.Float](p lower.Conv, x, w, y lower.Array[T]) {
	c := NewConvTiles(p.Geometry, x.Shape, w.Shape, y.Shape)
	forward(c, x.Elements(), w.Elements(), y.Data)
}

func forward[T lower.Float](c *ConvTiles, x, w, y []T) {
	tiles := c.Tiles()
	eachRange(c, tiles, ceilDiv(tiles, 64), func(s *ConvScratch[T], lo, hi int) {
		for i := lo; i < hi; i++ {
			t := c.At(i)
			gemmTiled(blas.NoTrans, c.Out, c.Width(t), c.Taps(), w, c.Taps(), s.Unfolded(x, t), c.UnfoldedLD(), 0, s.Result(y, t), c.GatheredLD())
			s.Scatter(y, t)
		}
	})
}

// runConvFilter adds up the tiles' products of gradient and unfolded images. Each range
// of tiles has an accumulator. The accumulators are added in order, so the result does
// not depend on the number of threads.
func runConvFilter[T lower.Float](p lower.ConvFilter, x, dy, dw lower.Array[T]) {
	c := NewConvTiles(p.Geometry, x.Shape, dw.Shape, dy.Shape)
	xs, dys := x.Elements(), dy.Elements()
	size, tiles := len(dw.Data), c.Tiles()
	sums := min(max(2, 1<<20/size), 16) // few for large kernels
	grain := ceilDiv(tiles, sums)
	acc := make([][]T, ceilDiv(tiles, grain))
	eachRange(c, tiles, grain, func(s *ConvScratch[T], lo, hi int) {
		sum := make([]T, size)
		for i := lo; i < hi; i++ {
			t := c.At(i)
			gemmTiled(blas.Trans, c.Out, c.Taps(), c.Width(t), s.Gathered(dys, t), c.GatheredLD(), s.Unfolded(xs, t), c.UnfoldedLD(), 1, sum, c.Taps())
		}
		acc[lo/grain] = sum
	})
	for i := range dw.Data {
		sum := 0.0
		for _, a := range acc {
			sum += float64(a[i])
		}
		dw.Data[i] = T(sum)
	}
}

// runConvData computes the gradient of the images. With a stride of 1 that is a
// convolution with flipped kernels. Otherwise a product gives the unfolded gradient,
// which is folded into the images.
func runConvData[T lower.Float](p lower.ConvData, dy, w, dx lower.Array[T]) {
	c := NewConvTiles(p.Geometry, dx.Shape, w.Shape, dy.Shape)
	dys, ws := dy.Elements(), w.Elements()
	if c.CanFlip() {
		flipped := make([]T, len(ws))
		FlipKernels(c, flipped, ws)
		forward(c.Flip(), dys, flipped, dx.Data)
		return
	}
	wt := transposed(ws, c.Out, c.Taps())
	eachRange(c, c.Groups(), ceilDiv(c.Groups(), 64), func(s *ConvScratch[T], lo, hi int) {
		for i := lo * c.bands; i < hi*c.bands; i++ {
			t := c.At(i)
			gemmTiled(blas.NoTrans, c.Taps(), c.Width(t), c.Out, wt, c.Out, s.Gathered(dys, t), c.GatheredLD(), 0, s.Folding(), c.FoldingLD())
			s.Fold(dx.Data, t)
		}
	})
}

// CanFlip reports whether the gradient of the images is a convolution itself, with
// flipped kernels: if the stride is 1.
func (c *ConvTiles) CanFlip() bool { return c.Stride == [2]int{1, 1} }

// Flip returns the convolution that computes the gradient [N, C, H, W] of the images from
// the gradient [N, O, OH, OW] of the result. Its padding may be negative.
func (c *ConvTiles) Flip() *ConvTiles {
	g := lower.Geometry{Stride: [2]int{1, 1}, Dilation: c.Dilation, Pad: lower.Margins{
		Top:  (c.kh-1)*c.Dilation[0] - c.Pad.Top,
		Left: (c.kw-1)*c.Dilation[1] - c.Pad.Left,
	}}
	return NewConvTiles(g, lower.Shape{c.n, c.Out, c.oh, c.ow}, lower.Shape{c.c, c.Out, c.kh, c.kw}, lower.Shape{c.n, c.c, c.h, c.w})
}

// FlipKernels writes the kernels for Flip to dst: w [O, C, KH, KW] with the first two
// axes swapped and the other two reversed.
func FlipKernels[T lower.Float](c *ConvTiles, dst, w []T) {
	k := c.kh * c.kw
	for o := range c.Out {
		for ch := range c.c {
			from, to := w[(o*c.c+ch)*k:][:k], dst[(ch*c.Out+o)*k:][:k]
			for i, v := range from {
				to[k-1-i] = v
			}
		}
	}
}

func transposed[T lower.Float](a []T, rows, cols int) []T {
	out := make([]T, len(a))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = a[i*cols+j]
		}
	}
	return out
}

// gemmTiled computes c = a op(b) + beta c in pieces so small that gonum computes each on
// this goroutine.
func gemmTiled[T lower.Float](tb blas.Transpose, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	const high, wide = 64, 192
	for i := 0; i < m; i += high {
		for j := 0; j < n; j += wide {
			bj := j
			if tb == blas.Trans {
				bj = j * ldb
			}
			gemm(blas.NoTrans, tb, min(high, m-i), min(wide, n-j), k, 1, a[i*lda:], lda, b[bj:], ldb, beta, c[i*ldc+j:], ldc)
		}
	}
}
