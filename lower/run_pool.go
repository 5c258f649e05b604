package lower

// pools is the extents of a pooling: images of h x w, windows of oh x ow.
type pools struct {
	Window
	h, w, oh, ow int
}

func newPools(w Window, image, out Shape) pools {
	return pools{w, image[2], image[3], out[2], out[3]}
}

// span returns the cells of an image of extent n that the window at position
// q along an axis has: lo to hi-1, at least one.
func (p pools) span(axis, q, n int) (lo, hi int) {
	before, _ := p.Pad.along(axis)
	lo = q*p.Stride[axis] - before
	return max(lo, 0), min(lo+p.Size[axis], n)
}

// eachWindow calls f with the number of every window, in row-major order, and
// the cells it has.
func (p pools) eachWindow(f func(k, y0, y1, x0, x1 int)) {
	k := 0
	for r := range p.oh {
		y0, y1 := p.span(0, r, p.h)
		for q := range p.ow {
			x0, x1 := p.span(1, q, p.w)
			f(k, y0, y1, x0, x1)
			k++
		}
	}
}

// PoolPlanes is a pooling primitive at work on the channels of images, one plane
// at a time, each by itself.
type PoolPlanes[T Float] struct {
	Count int // planes

	prim    Prim
	q       pools
	in      [2][]T
	sizes   [2]int // elements of a plane of each operand
	out     []T
	outSize int
}

// NewPoolPlanes takes Pool, PoolAt, PoolGrad, PoolSum or PoolSpread, its operands,
// and the result, which has to be zero where gradients are added to it: of PoolGrad
// and PoolSpread.
func NewPoolPlanes[T Float](p Prim, in []Array[T], out Array[T]) PoolPlanes[T] {
	s := PoolPlanes[T]{prim: p, Count: out.Shape[0] * out.Shape[1], out: out.Elements(), outSize: out.Shape[2] * out.Shape[3]}
	for i, a := range in {
		s.in[i], s.sizes[i] = a.Elements(), a.Shape[2]*a.Shape[3]
	}
	switch p := p.(type) {
	case Pool:
		s.q = newPools(p.Window, in[0].Shape, out.Shape)
	case PoolAt:
		s.q = newPools(p.Window, in[0].Shape, out.Shape)
	case PoolGrad:
		s.q = newPools(p.Window, in[0].Shape, in[1].Shape)
	case PoolSum:
		s.q = newPools(p.Window, in[0].Shape, out.Shape)
	case PoolSpread:
		s.q = newPools(p.Window, out.Shape, in[0].Shape)
	}
	return s
}

// Do computes the i-th plane, counted through the channels of the images. It
// allocates nothing.
func (s *PoolPlanes[T]) Do(i int) {
	var in [2][]T
	for k, n := range s.sizes {
		in[k] = s.in[k][i*n : (i+1)*n]
	}
	out, q := s.out[i*s.outSize:(i+1)*s.outSize], s.q
	switch p := s.prim.(type) {
	case Pool:
		pool(q, in[0], out)
	case PoolAt:
		poolAt(q, in[0], in[1], out)
	case PoolGrad:
		poolGrad(q, in[0], in[1], out)
	case PoolSum:
		poolSum(q, p.Share, in[0], out)
	case PoolSpread:
		poolSpread(q, p.Share, in[0], out)
	}
}

// runPool computes a pooling primitive into zeros.
func runPool[T Float](p Prim, in []Array[T], out Array[T]) {
	s := NewPoolPlanes(p, in, out)
	grain := max(1, min(1<<14/(s.q.h*s.q.w), ceilDiv(s.Count, 16)))
	parallel(s.Count, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			s.Do(i)
		}
	})
}

// greatest returns the greatest of the window's cells, NaN if one is.
func greatest[T Float](img []T, w, y0, y1, x0, x1 int) T {
	top := img[y0*w+x0]
	for y := y0; y < y1; y++ {
		for _, v := range img[y*w+x0 : y*w+x1] {
			top = max(top, v)
		}
	}
	return top
}

// placeOf returns where the greatest of the window's cells is: the first of
// equals, or the first NaN. It goes through all cells from the last to the
// first, since a jump at the first match could not be predicted.
func placeOf[T Float](img []T, w, y0, y1, x0, x1 int) int {
	top, at := greatest(img, w, y0, y1, x0, x1), 0
	nan := top != top
	for y := y1 - 1; y >= y0; y-- {
		for i := y*w + x1 - 1; i >= y*w+x0; i-- {
			if img[i] >= top {
				at = i
			}
			if nan && img[i] != img[i] {
				at = i
			}
		}
	}
	return at
}

func pool[T Float](q pools, x, y []T) {
	q.eachWindow(func(k, y0, y1, x0, x1 int) { y[k] = greatest(x, q.w, y0, y1, x0, x1) })
}

func poolAt[T Float](q pools, x, h, y []T) {
	q.eachWindow(func(k, y0, y1, x0, x1 int) { y[k] = h[placeOf(x, q.w, y0, y1, x0, x1)] })
}

func poolGrad[T Float](q pools, x, g, dx []T) {
	q.eachWindow(func(k, y0, y1, x0, x1 int) { dx[placeOf(x, q.w, y0, y1, x0, x1)] += g[k] })
}

// cells is the number of cells that the share of a window divides by.
func (p pools) cells(s Share, y0, y1, x0, x1 int) int {
	switch s {
	case ShareOfImage:
		return (y1 - y0) * (x1 - x0)
	case ShareOfAll:
		return p.Size[0] * p.Size[1]
	}
	return 1
}

func poolSum[T Float](q pools, share Share, x, y []T) {
	q.eachWindow(func(k, y0, y1, x0, x1 int) {
		var sum T
		for row := y0; row < y1; row++ {
			for _, v := range x[row*q.w+x0 : row*q.w+x1] {
				sum += v
			}
		}
		y[k] = sum / T(q.cells(share, y0, y1, x0, x1))
	})
}

func poolSpread[T Float](q pools, share Share, g, dx []T) {
	q.eachWindow(func(k, y0, y1, x0, x1 int) {
		v := g[k] / T(q.cells(share, y0, y1, x0, x1))
		for row := y0; row < y1; row++ {
			part := dx[row*q.w+x0 : row*q.w+x1]
			for j := range part {
				part[j] += v
			}
		}
	})
}
