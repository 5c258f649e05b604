// Pooling of images with the batch innermost, its gradients, and upsampling by repeating
// pixels.

package kernel

import "fmt"

// PoolGeometry is windows over In; rows first, columns second. Window (p,q) has the
// pixels (p*Stride+i-Pad, q*Stride+j-Pad), with i and j below Size, that are inside the
// image. Halos are neither read nor written.
type PoolGeometry struct {
	In, Out      Image  // with the same channels; Out has a pixel for each window
	Size, Stride [2]int // at least 1
	Pad          [2]int // rows above and columns before the image, 0 to Size-1
}

// Divisor is what sums over windows are divided by.
type Divisor int

// The divisors: of sums and upsampling, and of the two kinds of mean.
const (
	NoDivisor  Divisor = iota // 1
	ExcludePad                // the pixels of the window that are inside the image
	IncludePad                // Size[0]*Size[1]
)

// Pool is a planned pooling. It is immutable: several threads may run it at once. A
// buffer holds one group of images (In.Len() or Out.Len() floats). Buffers must not
// overlap.
type Pool struct {
	PoolGeometry
	isa        ISA
	rows, cols []windows
	taps       [][]poolTaps // by index in rows, by index in cols
	disjoint   bool         // no two windows share a pixel
	all        bool         // every pixel is in a window
}

// windows is n adjacent windows along an axis, from number first on, that have the taps
// lo to hi-1.
type windows struct{ first, n, lo, hi int }

// poolTaps is the taps of windows.
type poolTaps struct {
	at  []int     // offset of each tap from the first one
	ids []float32 // index of each tap in the window, counted row by row
}

// PlanPool plans pooling for isa, one of Supported. It returns an error if the geometry
// is invalid or a window has no pixel.
func PlanPool(isa ISA, g PoolGeometry) (*Pool, error) {
	p := &Pool{PoolGeometry: g, isa: isa, disjoint: true, all: true}
	for what, m := range map[string]Image{"the images": g.In, "the result": g.Out} {
		if err := m.check(what); err != nil {
			return nil, fmt.Errorf("pooling: %w", err)
		}
	}
	if g.In.C != g.Out.C {
		return nil, fmt.Errorf("pooling: the images have %d channels, the result %d: want the same", g.In.C, g.Out.C)
	}
	in, out := [2]int{g.In.H, g.In.W}, [2]int{g.Out.H, g.Out.W}
	for a, to := range []*[]windows{&p.rows, &p.cols} {
		what := [...]string{"rows", "columns"}[a]
		if g.Size[a] < 1 || g.Stride[a] < 1 || g.Pad[a] < 0 || g.Pad[a] >= g.Size[a] {
			return nil, fmt.Errorf("pooling along the %s: size %d, stride %d, padding %d: want at least 1, 1 and 0, and padding below the size",
				what, g.Size[a], g.Stride[a], g.Pad[a])
		}
		if last := (out[a]-1)*g.Stride[a] - g.Pad[a]; last >= in[a] {
			return nil, fmt.Errorf("pooling along the %s: window %d begins at %d, beyond the image of %d", what, out[a]-1, last, in[a])
		}
		*to = g.windowsAlong(a, in[a], out[a])
		p.disjoint = p.disjoint && g.Stride[a] >= g.Size[a]
		p.all = p.all && g.Stride[a] <= g.Size[a] && (out[a]-1)*g.Stride[a]+g.Size[a]-g.Pad[a] >= in[a]
	}
	for _, r := range p.rows {
		var row []poolTaps
		for _, c := range p.cols {
			row = append(row, g.tapsOf(r, c))
		}
		p.taps = append(p.taps, row)
	}
	return p, nil
}

// windowsAlong returns the windows along an axis, those with the same taps together.
func (g PoolGeometry) windowsAlong(axis, in, out int) []windows {
	var all []windows
	for q := range out {
		from := q*g.Stride[axis] - g.Pad[axis]
		lo, hi := max(0, -from), min(g.Size[axis], in-from)
		if k := len(all) - 1; k >= 0 && all[k].lo == lo && all[k].hi == hi {
			all[k].n++
			continue
		}
		all = append(all, windows{q, 1, lo, hi})
	}
	return all
}

// tapsOf lists the taps of windows r along the rows and c along the columns.
func (g PoolGeometry) tapsOf(r, c windows) poolTaps {
	var t poolTaps
	for i := r.lo; i < r.hi; i++ {
		for j := c.lo; j < c.hi; j++ {
			t.at = append(t.at, (i-r.lo)*g.In.Row()+(j-c.lo)*g.In.Pixel())
			t.ids = append(t.ids, float32(i*g.Size[1]+j))
		}
	}
	return t
}

// Max writes the greatest pixel of every window, channel and image to out [Out.Len()],
// for the windows of rows from to to-1. It writes the pixel's tap, counted row by row,
// to index [Out.Len()]: the first one if several are equal. A NaN is greater than any
// number. With relu, negative results become 0, and index is -1 where the greatest
// pixel is not above 0.
func (p *Pool) Max(out, index, in []float32, relu bool, from, to int) {
	p.each(opMax, in, out, index, NoDivisor, nil, relu, from, to)
}

// MaxGrad writes din, the gradient of the images of Max, from dout, the gradient of its
// result. Each element of dout is added to the tap in index; an index of -1 is no tap.
// So it is also the gradient of the ReLU.
func (p *Pool) MaxGrad(din, dout, index []float32) {
	p.clearUnset(din)
	op := opMaxGradAdd
	if p.disjoint {
		op = opMaxGradSet
	}
	p.each(op, din, dout, index, NoDivisor, nil, false, 0, p.Out.H)
}

// Sum writes the sum of every window of rows from to to-1, divided by divisor, to out:
// means, box sums (Size 2, Stride 1), and the gradient of Spread. It adds bias
// [Out.Pixel()], which AtPixel writes, unless it is nil. With relu, negative results
// become 0.
func (p *Pool) Sum(out, in []float32, divisor Divisor, bias []float32, relu bool, from, to int) {
	if bias != nil {
		bias = bias[:p.Out.Pixel()]
	}
	p.each(opSum, in, out, nil, divisor, bias, relu, from, to)
}

// Spread writes to each pixel of in the sum of out/divisor over the windows that have
// the pixel: the gradient of Sum. With Size = Stride and NoDivisor it repeats pixels,
// which is nearest neighbour upsampling.
func (p *Pool) Spread(in, out []float32, divisor Divisor) {
	p.clearUnset(in)
	op := opSpreadAdd
	if p.disjoint {
		op = opSpreadSet
	}
	p.each(op, in, out, nil, divisor, nil, false, 0, p.Out.H)
}

// clearUnset clears the images, unless the windows overwrite every pixel.
func (p *Pool) clearUnset(x []float32) {
	if p.disjoint && p.all {
		return
	}
	for y := range p.In.H {
		from := p.In.Origin() + y*p.In.Row()
		clear(x[from : from+p.In.W*p.In.Pixel()])
	}
}
