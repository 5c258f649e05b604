package lower

import "gonum.org/v1/gonum/blas"

// A convolution is a matrix product of the kernels [O, C*KH*KW] with the
// image unfolded: a column for each window, a row for each of its taps. It is
// made a tile at a time, a tile being as many windows as a product takes
// without leaving the cache.
const tileWindows = 192

// conv is the extents of a convolution and how it is cut into tiles.
type conv struct {
	Geometry
	n, c, h, w  int // images
	o, kh, kw   int // kernels
	oh, ow      int // windows
	images      int // per tile; 1 where an image has several tiles
	rows, bands int // rows of windows in a tile, tiles in an image
}

// newConv cuts the convolution of images x with kernels w into tiles, in a
// way that depends on the shapes alone.
func newConv(g Geometry, x, w, y Shape) *conv {
	c := &conv{Geometry: g, n: x[0], c: x[1], h: x[2], w: x[3], o: w[0], kh: w[2], kw: w[3], oh: y[2], ow: y[3]}
	c.images = max(1, min(c.n, tileWindows/c.windows()))
	c.rows, c.bands = c.oh, 1
	if c.windows() > tileWindows {
		c.rows = max(1, tileWindows/c.ow)
		c.rows = ceilDiv(c.oh, ceilDiv(c.oh, c.rows)) // bands of nearly one height
		c.bands = ceilDiv(c.oh, c.rows)
	}
	return c
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// windows is the number of windows of an image, taps that of a kernel's weights.
func (c *conv) windows() int { return c.oh * c.ow }
func (c *conv) taps() int    { return c.c * c.kh * c.kw }

// groups is the number of groups of images that tiles do not cross.
func (c *conv) groups() int { return ceilDiv(c.n, c.images) }

// tile is windows of consecutive images, of rows r0 to r1-1.
type tile struct{ n0, n1, r0, r1 int }

// at returns a tile by number, from 0 to groups*bands-1.
func (c *conv) at(t int) tile {
	g, band := t/c.bands, t%c.bands
	return tile{g * c.images, min((g+1)*c.images, c.n), band * c.rows, min((band+1)*c.rows, c.oh)}
}

// scratch is what one goroutine works in: a tile's unfolded images and the
// gradient or result that belongs to it, each with ld columns.
type scratch[T Float] struct {
	cols, out []T
	ld        int
}

// eachRange calls work, in parallel, for ranges of at most grain of n things,
// with a scratch that no other range has at the time.
func eachRange[T Float](c *conv, n, grain int, work func(s *scratch[T], lo, hi int)) {
	free := make(chan *scratch[T], ceilDiv(n, grain))
	parallel(n, grain, func(lo, hi int) {
		var s *scratch[T]
		select {
		case s = <-free:
		default:
			s = &scratch[T]{ld: c.images * c.rows * c.ow}
			s.cols = make([]T, c.taps()*s.ld)
			if c.images > 1 {
				s.out = make([]T, c.o*s.ld)
			}
		}
		work(s, lo, hi)
		free <- s
	})
}

// unfolded returns the tile's matrix [taps, windows] and its leading
// dimension. Where each window is one pixel, that is the image itself.
func (s *scratch[T]) unfolded(c *conv, x []T, t tile) ([]T, int) {
	size := c.c * c.h * c.w
	if t.n1-t.n0 == 1 && c.kh == 1 && c.kw == 1 && c.Stride == [2]int{1, 1} && c.Pad == (Margins{}) {
		return x[t.n0*size+t.r0*c.ow:], c.h * c.w
	}
	for n := t.n0; n < t.n1; n++ {
		unfold(c, x[n*size:(n+1)*size], t.r0, t.r1, s.cols[(n-t.n0)*(t.r1-t.r0)*c.ow:], s.ld)
	}
	return s.cols, s.ld
}

// gathered returns the tile's part of y [N, O, OH, OW] as a matrix
// [O, windows] and its leading dimension.
func (s *scratch[T]) gathered(c *conv, y []T, t tile) ([]T, int) {
	if c.images == 1 {
		return y[t.n0*c.o*c.windows()+t.r0*c.ow:], c.windows()
	}
	s.each(c, y, t, func(whole, part []T) { copy(part, whole) })
	return s.out, s.ld
}

// each calls f with every channel of every image of y in the tile, and its place in s.out.
func (s *scratch[T]) each(c *conv, y []T, t tile, f func(whole, part []T)) {
	p := c.windows()
	for n := t.n0; n < t.n1; n++ {
		for o := range c.o {
			f(y[(n*c.o+o)*p:][:p], s.out[o*s.ld+(n-t.n0)*p:][:p])
		}
	}
}

// width is the number of windows in a tile.
func (c *conv) width(t tile) int { return (t.n1 - t.n0) * (t.r1 - t.r0) * c.ow }

// runConv computes y, a tile at a time.
func runConv[T Float](p Conv, x, w, y Array[T]) {
	c := newConv(p.Geometry, x.Shape, w.Shape, y.Shape)
	forward(c, x.Elements(), w.Elements(), y.Data)
}

func forward[T Float](c *conv, x, w, y []T) {
	tiles := c.groups() * c.bands
	eachRange(c, tiles, ceilDiv(tiles, 64), func(s *scratch[T], lo, hi int) {
		for i := lo; i < hi; i++ {
			t := c.at(i)
			b, ldb := s.unfolded(c, x, t)
			if c.images == 1 {
				gemmTiled(blas.NoTrans, c.o, c.width(t), c.taps(), w, c.taps(), b, ldb, 0, y[t.n0*c.o*c.windows()+t.r0*c.ow:], c.windows())
				continue
			}
			gemmTiled(blas.NoTrans, c.o, c.width(t), c.taps(), w, c.taps(), b, ldb, 0, s.out, s.ld)
			s.each(c, y, t, func(whole, part []T) { copy(whole, part) })
		}
	})
}

// runConvFilter adds up the tiles' products of gradient and unfolded images:
// consecutive tiles in an accumulator of their own, the accumulators in order.
func runConvFilter[T Float](p ConvFilter, x, dy, dw Array[T]) {
	c := newConv(p.Geometry, x.Shape, dw.Shape, dy.Shape)
	xs, dys := x.Elements(), dy.Elements()
	size, tiles := len(dw.Data), c.groups()*c.bands
	sums := min(max(2, 1<<20/size), 16) // few, where the kernels are large
	grain := ceilDiv(tiles, sums)
	acc := make([][]T, ceilDiv(tiles, grain))
	eachRange(c, tiles, grain, func(s *scratch[T], lo, hi int) {
		sum := make([]T, size)
		for i := lo; i < hi; i++ {
			t := c.at(i)
			b, ldb := s.unfolded(c, xs, t)
			a, lda := s.gathered(c, dys, t)
			gemmTiled(blas.Trans, c.o, c.taps(), c.width(t), a, lda, b, ldb, 1, sum, c.taps())
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

// runConvData computes the gradient of the images. Where the stride is 1 that
// is a convolution with the kernels turned round; elsewhere the unfolded
// gradient is a product, which is folded into the images.
func runConvData[T Float](p ConvData, dy, w, dx Array[T]) {
	c := newConv(p.Geometry, dx.Shape, w.Shape, dy.Shape)
	dys, ws := dy.Elements(), w.Elements()
	if c.Stride == [2]int{1, 1} {
		back, turned := c.turn(), turnKernels(c, ws)
		forward(back, dys, turned, dx.Data)
		return
	}
	wt := transposed(ws, c.o, c.taps())
	size := c.c * c.h * c.w
	eachRange(c, c.groups(), ceilDiv(c.groups(), 64), func(s *scratch[T], lo, hi int) {
		for i := lo * c.bands; i < hi*c.bands; i++ {
			t := c.at(i)
			b, ldb := s.gathered(c, dys, t)
			gemmTiled(blas.NoTrans, c.taps(), c.width(t), c.o, wt, c.o, b, ldb, 0, s.cols, s.ld)
			for n := t.n0; n < t.n1; n++ {
				fold(c, s.cols[(n-t.n0)*(t.r1-t.r0)*c.ow:], s.ld, t.r0, t.r1, dx.Data[n*size:(n+1)*size])
			}
		}
	})
}

// turn returns the convolution of gradients [N, O, OH, OW] that gives the
// gradient [N, C, H, W] of one with stride 1. Its padding may be negative.
func (c *conv) turn() *conv {
	g := Geometry{Stride: [2]int{1, 1}, Dilation: c.Dilation, Pad: Margins{
		Top:  (c.kh-1)*c.Dilation[0] - c.Pad.Top,
		Left: (c.kw-1)*c.Dilation[1] - c.Pad.Left,
	}}
	return newConv(g, Shape{c.n, c.o, c.oh, c.ow}, Shape{c.c, c.o, c.kh, c.kw}, Shape{c.n, c.c, c.h, c.w})
}

// turnKernels exchanges the first two axes of w [O, C, KH, KW] and reverses
// the other two.
func turnKernels[T Float](c *conv, w []T) []T {
	k := c.kh * c.kw
	out := make([]T, len(w))
	for o := range c.o {
		for ch := range c.c {
			src, dst := w[(o*c.c+ch)*k:][:k], out[(ch*c.o+o)*k:][:k]
			for i, v := range src {
				dst[k-1-i] = v
			}
		}
	}
	return out
}

func transposed[T Float](a []T, rows, cols int) []T {
	out := make([]T, len(a))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = a[i*cols+j]
		}
	}
	return out
}

// gemmTiled computes c = a op(b) + beta c in pieces so small that gonum does
// each on this goroutine.
func gemmTiled[T Float](tb blas.Transpose, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
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
