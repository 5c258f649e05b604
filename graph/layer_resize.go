package graph

import (
	"cmp"
	"fmt"
	"math"
)

// Interpolation names a way to give an image another size.
type Interpolation string

// The ways to give an image another size.
const (
	Bilinear Interpolation = "bilinear" // weighs the nearest two rows and columns by their distance
	Nearest  Interpolation = "nearest"  // takes one pixel for each
)

// Resize2D is a layer that gives images any other size, as PyTorch's interpolate
// does with align_corners false. Along each axis of in pixels, with
// ratio = in/out, or 1/Scale where that is given, pixel i of out comes from
//
//	bilinear: s = max(0, (i+1/2)*ratio - 1/2), k = floor(s): x[k]*(1-(s-k)) + x[k+1]*(s-k)
//	nearest:  x[floor(i*ratio)]
//
// where a pixel beyond the last one is the last one. Bilinear interpolation is
// y = A x Bᵀ with a constant matrix for each axis: it does not smooth what it makes
// smaller.
type Resize2D struct {
	Size  Pair          // of the result; either Size or Scale
	Scale [2]float64    // of the result to x: {s} is s for both; the size is rounded down
	Mode  Interpolation // Bilinear by default
}

// Apply takes images x [N, C, H, W] to [N, C, P, Q] of the given size.
func (l Resize2D) Apply(b *Builder, x *Node) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, H, W]"}, x); err != nil {
		b.Failf("resize: %w", err)
		return nil
	}
	s := Shape(x.Shape())
	axes, err := l.resolve(plane(x))
	if err == nil {
		err = Shape{s[0], s[1], axes[0].out, axes[1].out}.Check()
	}
	if err != nil {
		b.Failf("resize of %v: %w", s, err)
		return nil
	}
	switch cmp.Or(l.Mode, Bilinear) {
	case Bilinear:
		x = b.interpolated(x, axes)
	case Nearest:
		x = b.nearest(x, axes)
	default:
		b.Failf("resize: mode %q is unknown: want %q or %q", string(l.Mode), string(Bilinear), string(Nearest))
		return nil
	}
	return b.Layer("Resize2D", x)
}

// resized is an axis that gets another extent.
type resized struct {
	in, out int
	ratio   float64 // pixels of x for each of the result
}

// resolve returns both axes of images that have a size.
func (l Resize2D) resolve(in [2]int) (axes [2]resized, err error) {
	size, scale := l.Size.Or(0), l.Scale
	if scale[1] == 0 {
		scale[1] = scale[0]
	}
	if (l.Size != Pair{}) == (l.Scale != [2]float64{}) {
		return axes, fmt.Errorf("size %v and scale %v: want one of the two", l.Size, l.Scale)
	}
	for a := range axes {
		axes[a] = resized{in[a], size[a], float64(in[a]) / float64(size[a])}
		if l.Size != (Pair{}) {
			if size[a] < 1 {
				return axes, fmt.Errorf("size %v: want at least 1 row and column", l.Size)
			}
			continue
		}
		out := math.Floor(float64(in[a]) * scale[a])
		if !(out >= 1 && out < 1<<31) {
			return axes, fmt.Errorf("scale %v of %d pixels: want at least 1 pixel and less than 2^31", l.Scale, in[a])
		}
		axes[a].out, axes[a].ratio = int(out), 1/scale[a]
	}
	return axes, nil
}

// same reports whether every pixel comes from itself.
func (r resized) same() bool { return r.in == r.out && r.ratio == 1 }

// weights is the matrix [out, in] of bilinear interpolation.
func (r resized) weights() []float64 {
	m := make([]float64, r.out*r.in)
	for i := range r.out {
		s := max(0, (float64(i)+0.5)*r.ratio-0.5)
		k := min(int(s), r.in-1)
		far := s - float64(k)
		m[i*r.in+k] += 1 - far
		m[i*r.in+min(k+1, r.in-1)] += far
	}
	return m
}

// interpolated is A x Bᵀ for every plane of x.
func (b *Builder) interpolated(x *Node, axes [2]resized) *Node {
	s := x.Shape()
	for _, r := range axes {
		if err := fits(int64(r.out)*int64(r.in)*8, Shape{r.out, r.in}); err != nil {
			b.Failf("resize: %w", err)
			return nil
		}
	}
	rows, columns := axes[0], axes[1]
	if !columns.same() {
		m := b.Transpose(b.Constant(columns.weights(), columns.out, columns.in), 1, 0)
		x = b.MatMul(b.Reshape(x, -1, columns.in), m)
	}
	if !rows.same() {
		planes := s[0] * s[1]
		m := b.BroadcastTo(b.Constant(rows.weights(), 1, rows.out, rows.in), planes, rows.out, rows.in)
		x = b.MatMul(m, b.Reshape(x, planes, rows.in, columns.out))
	}
	return b.Reshape(x, s[0], s[1], rows.out, columns.out)
}

// nearest takes the pixel that each pixel of the result comes from.
func (b *Builder) nearest(x *Node, axes [2]resized) *Node {
	rows, columns := axes[0], axes[1]
	times := Pair{rows.out / rows.in, columns.out / columns.in}
	if rows.times(times[0]) && columns.times(times[1]) {
		return b.Upsample2D(x, times)
	}
	for a, r := range axes {
		if r.same() {
			continue
		}
		from := make([]float64, r.out)
		for i := range from {
			from[i] = float64(min(int(float64(i)*r.ratio), r.in-1))
		}
		x = b.Gather(x, b.Constant(from, r.out), 2+a)
	}
	return x
}

// times reports whether every pixel is repeated n times.
func (r resized) times(n int) bool { return r.in*n == r.out && r.ratio*float64(n) == 1 }
