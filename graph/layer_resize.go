package graph

import (
	"cmp"
	"fmt"
	"math"
)

// Interpolation names a method of resizing an image.
type Interpolation string

// The methods of resizing an image.
const (
	Bilinear Interpolation = "bilinear" // weights the nearest two rows and columns by their distance
	Nearest  Interpolation = "nearest"  // copies one pixel
)

// Resize2D is a layer that resizes images, as PyTorch's interpolate with
// align_corners false. Along an axis of in pixels, with ratio = in/out, or 1/Scale if
// that is given, pixel i of out is
//
//	bilinear: s = max(0, (i+1/2)*ratio - 1/2), k = floor(s): x[k]*(1-(s-k)) + x[k+1]*(s-k)
//	nearest:  x[floor(i*ratio)]
//
// where pixels beyond the last one equal the last one. Bilinear interpolation is
// y = A x Bᵀ with a constant matrix for each axis. It does not smooth an image before
// it shrinks it.
type Resize2D struct {
	Size  Pair          // of the result; either Size or Scale
	Scale [2]float64    // of the result relative to x: {s} is s for both; the size is rounded down
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
		x = b.interpolateBilinear(x, axes)
	case Nearest:
		x = b.interpolateNearest(x, axes)
	default:
		b.Failf("resize: mode %q is unknown: want %q or %q", string(l.Mode), string(Bilinear), string(Nearest))
		return nil
	}
	return b.Layer("Resize2D", x)
}

// resizedAxis is an axis of an image, before and after resizing.
type resizedAxis struct {
	in, out int
	ratio   float64 // pixels of x for each pixel of the result
}

// resolve returns both axes for images of the size in.
func (l Resize2D) resolve(in [2]int) (axes [2]resizedAxis, err error) {
	size, scale := l.Size.Or(0), l.Scale
	if scale[1] == 0 {
		scale[1] = scale[0]
	}
	if (l.Size != Pair{}) == (l.Scale != [2]float64{}) {
		return axes, fmt.Errorf("size %v and scale %v: want one of the two", l.Size, l.Scale)
	}
	for a := range axes {
		axes[a] = resizedAxis{in[a], size[a], float64(in[a]) / float64(size[a])}
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

// identity reports whether every pixel of the result is the same pixel of x.
func (r resizedAxis) identity() bool { return r.in == r.out && r.ratio == 1 }

// weights is the matrix [out, in] of bilinear interpolation.
func (r resizedAxis) weights() []float64 {
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

// interpolateBilinear is A x Bᵀ for every plane of x.
func (b *Builder) interpolateBilinear(x *Node, axes [2]resizedAxis) *Node {
	s := x.Shape()
	for _, r := range axes {
		if err := fits(int64(r.out)*int64(r.in)*8, Shape{r.out, r.in}); err != nil {
			b.Failf("resize: %w", err)
			return nil
		}
	}
	rows, columns := axes[0], axes[1]
	if !columns.identity() {
		m := b.Transpose(b.Constant(columns.weights(), columns.out, columns.in), 1, 0)
		x = b.MatMul(b.Reshape(x, -1, columns.in), m)
	}
	if !rows.identity() {
		planes := s[0] * s[1]
		m := b.BroadcastTo(b.Constant(rows.weights(), 1, rows.out, rows.in), planes, rows.out, rows.in)
		x = b.MatMul(m, b.Reshape(x, planes, rows.in, columns.out))
	}
	return b.Reshape(x, s[0], s[1], rows.out, columns.out)
}

// interpolateNearest copies one pixel of x to each pixel of the result.
func (b *Builder) interpolateNearest(x *Node, axes [2]resizedAxis) *Node {
	rows, columns := axes[0], axes[1]
	times := Pair{rows.out / rows.in, columns.out / columns.in}
	if rows.repeats(times[0]) && columns.repeats(times[1]) {
		return b.Upsample2D(x, times)
	}
	for a, r := range axes {
		if r.identity() {
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

// repeats reports whether every pixel is repeated n times.
func (r resizedAxis) repeats(n int) bool { return r.in*n == r.out && r.ratio*float64(n) == 1 }
