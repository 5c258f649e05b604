package interp

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// pools is the windows of a pooling on an image of width w.
type pools struct {
	lower.Window
	w          int
	rows, cols []extent // of each row and of each column of windows
	taps       []tap    // by column of a window
}

// tap is a column of the windows. In windows lo to hi-1 of a row it is on the image; in
// window lo it is the image's column at.
type tap struct{ lo, hi, at int }

// extent is the cells of a window along an axis: lo to hi-1, at least one.
type extent struct{ lo, hi int }

// newPools returns the windows [.., .., P, Q] on images [.., .., H, W].
func newPools(w lower.Window, image, windows lower.Shape) pools {
	p := pools{Window: w, w: image[3]}
	along := func(axis, n, count int) []extent {
		before, _ := w.Pad.Along(axis)
		all := make([]extent, count)
		for q := range all {
			lo := q*w.Stride[axis] - before
			all[q] = extent{max(lo, 0), min(lo+w.Size[axis], n)}
		}
		return all
	}
	p.rows, p.cols = along(0, image[2], windows[2]), along(1, image[3], windows[3])
	for j := range w.Size[1] {
		first := j - w.Pad.Left
		lo, hi := inside(first, w.Stride[1], image[3], windows[3])
		p.taps = append(p.taps, tap{lo, hi, lo*w.Stride[1] + first})
	}
	return p
}

// eachTap calls f for every cell of the windows, for many windows at a time: the cell of
// windows[i] is cells[i*stride]. For each window, the cells come in row-major order.
func eachTap[T lower.Float](q *pools, image, windows []T, f func(windows, cells []T, stride int)) {
	n, stride := len(q.cols), q.Stride[1]
	for k, r := range q.rows {
		for row := r.lo; row < r.hi; row++ {
			for _, t := range q.taps {
				if t.lo < t.hi {
					f(windows[k*n+t.lo:k*n+t.hi], image[row*q.w+t.at:row*q.w+t.at+(t.hi-t.lo-1)*stride+1], stride)
				}
			}
		}
	}
}

// PoolPlanes runs a pooling primitive on the planes of images, one channel of one image
// at a time.
type PoolPlanes[T lower.Float] struct {
	Count int // planes

	prim    lower.Prim
	q       pools
	in      [2][]T
	sizes   [2]int // elements of a plane of each operand
	out     []T
	outSize int
}

// NewPoolPlanes prepares Pool, PoolAt, PoolGrad, PoolSum or PoolSpread for the shapes of
// its operands and its result.
func NewPoolPlanes[T lower.Float](p lower.Prim, in []lower.Shape, out lower.Shape) *PoolPlanes[T] {
	s := &PoolPlanes[T]{prim: p, Count: out[0] * out[1], outSize: out[2] * out[3]}
	for i, x := range in {
		s.sizes[i] = x[2] * x[3]
	}
	pool := p.Facts().Pooling
	image, windows := pool.Of(in, out)
	s.q = newPools(pool.Window, image, windows)
	return s
}

// Bind sets the operands and the result, which may have any content.
func (s *PoolPlanes[T]) Bind(in []lower.Array[T], out lower.Array[T]) {
	for i, a := range in {
		s.in[i] = a.Elements()
	}
	s.out = out.Elements()
}

// Plane returns the i-th plane of each operand and of the result. Planes are numbered by
// image, then by channel.
func (s *PoolPlanes[T]) Plane(i int) (in [2][]T, out []T) {
	for k, n := range s.sizes {
		in[k] = s.in[k][i*n : (i+1)*n]
	}
	return in, s.out[i*s.outSize : (i+1)*s.outSize]
}

// Do computes the i-th plane. It allocates nothing. Several planes may be computed at
// once.
func (s *PoolPlanes[T]) Do(i int) {
	in, out := s.Plane(i)
	q := &s.q
	switch p := s.prim.(type) {
	case lower.Pool:
		pool(q, in[0], out)
	case lower.PoolAt:
		poolAt(q, in[0], in[1], out)
	case lower.PoolGrad:
		poolGrad(q, in[0], in[1], out)
	case lower.PoolSum:
		poolSum(q, p.Divisor, in[0], out)
	case lower.PoolSpread:
		poolSpread(q, p.Divisor, in[0], out)
	}
}

// runPool computes a pooling primitive.
func runPool[T lower.Float](p lower.Prim, in []lower.Array[T], out lower.Array[T]) {
	shapes := make([]lower.Shape, len(in))
	for i, a := range in {
		shapes[i] = a.Shape
	}
	s := NewPoolPlanes[T](p, shapes, out.Shape)
	s.Bind(in, out)
	grain := max(1, min(1<<14/max(s.sizes[0], s.outSize), ceilDiv(s.Count, 16)))
	parallel(s.Count, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			s.Do(i)
		}
	})
}

// greatest returns the greatest of a window's cells, or NaN if a cell is NaN.
func greatest[T lower.Float](img []T, w int, r, c extent) T {
	top := img[r.lo*w+c.lo]
	for y := r.lo; y < r.hi; y++ {
		for _, v := range img[y*w+c.lo : y*w+c.hi] {
			top = max(top, v)
		}
	}
	return top
}

// placeOf returns the index of the greatest of a window's cells: the first one if several
// are equal, or the first NaN. It goes over all cells from the last to the first,
// because the processor could not predict a jump out of the loop.
func placeOf[T lower.Float](img []T, w int, r, c extent) int {
	top, at := greatest(img, w, r, c), 0
	nan := top != top
	for y := r.hi - 1; y >= r.lo; y-- {
		for i := y*w + c.hi - 1; i >= y*w+c.lo; i-- {
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

func pool[T lower.Float](q *pools, x, y []T) {
	fill(y, T(math.Inf(-1)))
	eachTap(q, x, y, func(windows, cells []T, stride int) {
		for i, v := range windows {
			windows[i] = max(v, cells[i*stride])
		}
	})
}

func poolAt[T lower.Float](q *pools, x, h, y []T) {
	for _, r := range q.rows {
		for k, c := range q.cols {
			y[k] = h[placeOf(x, q.w, r, c)]
		}
		y = y[len(q.cols):]
	}
}

func poolGrad[T lower.Float](q *pools, x, g, dx []T) {
	clear(dx)
	for _, r := range q.rows {
		for k, c := range q.cols {
			dx[placeOf(x, q.w, r, c)] += g[k]
		}
		g = g[len(q.cols):]
	}
}

// divisor returns the number that the sum over a window is divided by.
func (p *pools) divisor(d lower.Divisor, r, c extent) int {
	switch d {
	case lower.ExcludePad:
		return (r.hi - r.lo) * (c.hi - c.lo)
	case lower.IncludePad:
		return p.Size[0] * p.Size[1]
	}
	return 1
}

func poolSum[T lower.Float](q *pools, d lower.Divisor, x, y []T) {
	clear(y)
	eachTap(q, x, y, func(windows, cells []T, stride int) {
		for i := range windows {
			windows[i] += cells[i*stride]
		}
	})
	if d == lower.NoDivisor {
		return
	}
	for _, r := range q.rows {
		for k, c := range q.cols {
			y[k] /= T(q.divisor(d, r, c))
		}
		y = y[len(q.cols):]
	}
}

func poolSpread[T lower.Float](q *pools, d lower.Divisor, g, dx []T) {
	clear(dx)
	for _, r := range q.rows {
		for k, c := range q.cols {
			v := g[k] / T(q.divisor(d, r, c))
			for row := r.lo; row < r.hi; row++ {
				part := dx[row*q.w+c.lo : row*q.w+c.hi]
				for j := range part {
					part[j] += v
				}
			}
		}
		g = g[len(q.cols):]
	}
}
