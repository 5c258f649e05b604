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

// eachPlane calls f for every channel of every image, given its number.
func eachPlane(s Shape, f func(i int)) {
	n := s[0] * s[1]
	parallel(n, max(1, min(1<<14/(s[2]*s[3]), ceilDiv(n, 16))), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
}

// planeOf returns the i-th channel, counted through the images.
func planeOf[T Float](x []T, s Shape, i int) []T {
	n := s[2] * s[3]
	return x[i*n : (i+1)*n]
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

func runPool[T Float](p Pool, x, y Array[T]) {
	q, xs := newPools(p.Window, x.Shape, y.Shape), x.Elements()
	eachPlane(x.Shape, func(i int) {
		src, dst := planeOf(xs, x.Shape, i), planeOf(y.Data, y.Shape, i)
		q.eachWindow(func(k, y0, y1, x0, x1 int) { dst[k] = greatest(src, q.w, y0, y1, x0, x1) })
	})
}

func runPoolAt[T Float](p PoolAt, x, h, y Array[T]) {
	q, xs, hs := newPools(p.Window, x.Shape, y.Shape), x.Elements(), h.Elements()
	eachPlane(x.Shape, func(i int) {
		src, val, dst := planeOf(xs, x.Shape, i), planeOf(hs, x.Shape, i), planeOf(y.Data, y.Shape, i)
		q.eachWindow(func(k, y0, y1, x0, x1 int) { dst[k] = val[placeOf(src, q.w, y0, y1, x0, x1)] })
	})
}

func runPoolGrad[T Float](p PoolGrad, x, g, dx Array[T]) {
	q, xs, gs := newPools(p.Window, x.Shape, g.Shape), x.Elements(), g.Elements()
	eachPlane(x.Shape, func(i int) {
		src, grad, dst := planeOf(xs, x.Shape, i), planeOf(gs, g.Shape, i), planeOf(dx.Data, x.Shape, i)
		q.eachWindow(func(k, y0, y1, x0, x1 int) { dst[placeOf(src, q.w, y0, y1, x0, x1)] += grad[k] })
	})
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

func runPoolSum[T Float](p PoolSum, x, y Array[T]) {
	q, xs := newPools(p.Window, x.Shape, y.Shape), x.Elements()
	eachPlane(x.Shape, func(i int) {
		src, dst := planeOf(xs, x.Shape, i), planeOf(y.Data, y.Shape, i)
		q.eachWindow(func(k, y0, y1, x0, x1 int) {
			var sum T
			for y := y0; y < y1; y++ {
				for _, v := range src[y*q.w+x0 : y*q.w+x1] {
					sum += v
				}
			}
			dst[k] = sum / T(q.cells(p.Share, y0, y1, x0, x1))
		})
	})
}

func runPoolSpread[T Float](p PoolSpread, g, dx Array[T]) {
	q, gs := newPools(p.Window, dx.Shape, g.Shape), g.Elements()
	eachPlane(dx.Shape, func(i int) {
		grad, dst := planeOf(gs, g.Shape, i), planeOf(dx.Data, dx.Shape, i)
		q.eachWindow(func(k, y0, y1, x0, x1 int) {
			v := grad[k] / T(q.cells(p.Share, y0, y1, x0, x1))
			for y := y0; y < y1; y++ {
				part := dst[y*q.w+x0 : y*q.w+x1]
				for j := range part {
					part[j] += v
				}
			}
		})
	})
}
