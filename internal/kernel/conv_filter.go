// The filter gradient: blocks of taps by input channels by output channels, each
// summed over all pixels of a group of images.

package kernel

// wideSums is the number of lanes up to which all sums of a layer are kept lane
// by lane between groups of images. Where there are more, the lanes of a block
// are added up for every group.
const wideSums = 1 << 17

// cacheFloats is how much of images and gradients a block reads before it goes
// on to its next taps, which read the same again: about half of a small L1.
const cacheFloats = 5 << 10

// convFilter is the plan of a filter gradient. Sums lie in the order of the
// blocks: outputs, inputs, segments of taps; within one of them
// [output][input][tap].
type convFilter struct {
	g         ConvGeometry
	lanes     int
	segs      []filterSeg
	outs, ins []span
	wide      bool // no lanes are kept between groups
	rows      int  // of pixels in a call
}

// filterSeg is taps side by side, the first at row i and column j of the kernel.
type filterSeg struct{ i, j, taps int }

// planFilter cuts the gradient into the blocks that the kernels for isa have:
// few loads for many products.
func planFilter(isa ISA, g ConvGeometry) convFilter {
	f := convFilter{g: g, lanes: convLanes(isa)}
	most := map[bool]int{false: 16, true: 8}[isa == AVX2]
	for i := range g.Kernel[0] {
		for j := 0; j < g.Kernel[1]; {
			s := filterSeg{i, j, 1}
			if g.Kernel[1]-j >= 3 {
				s.taps = 3
				most = map[bool]int{false: 8, true: 4}[isa == AVX2]
			}
			f.segs = append(f.segs, s)
			j += s.taps
		}
	}
	outs, ins := min(most/2, 4), most/min(most/2, 4)
	switch {
	case g.In.C == 1:
		outs, ins = min(most, 8), 1
	case g.Out.C == 1:
		outs, ins = 1, min(most, 8)
	case g.Out.C < outs:
		outs, ins = 2, most/2
	}
	f.outs, f.ins = powers(g.Out.C, outs), powers(g.In.C, ins)
	f.wide = g.Out.C*g.In.C*g.Kernel[0]*g.Kernel[1]*f.lanes > wideSums
	row := (g.Out.W*outs + g.In.W*ins) * Group
	call := max(1, vectorsPerCall/(g.Out.W*outs*ins*3*Group/f.lanes))
	f.rows = min(max(4, cacheFloats/row), call, g.Out.H)
	return f
}

// weights is the number of weights, sums that of the sums of a layer.
func (f *convFilter) weights() int {
	return f.g.Out.C * f.g.In.C * f.g.Kernel[0] * f.g.Kernel[1]
}

func (f *convFilter) sums() int {
	if f.wide {
		return f.weights()
	}
	return f.weights() * f.lanes
}

// scratch is the lanes of the largest block and their sums.
func (f *convFilter) scratch() int {
	if !f.wide {
		return 0
	}
	return f.g.Kernel[0] * f.g.Kernel[1] * f.outs[0].size * f.ins[0].size * (f.lanes + 1)
}

// blocks calls do for each block, with the number of weights before it.
func (f *convFilter) blocks(do func(o, outs, c, ins, at int)) {
	at := 0
	for _, o := range f.outs {
		for o0 := o.first; o0 < o.first+o.n*o.size; o0 += o.size {
			for _, c := range f.ins {
				for c0 := c.first; c0 < c.first+c.n*c.size; c0 += c.size {
					do(o0, o.size, c0, c.size, at)
					at += f.g.Kernel[0] * f.g.Kernel[1] * o.size * c.size
				}
			}
		}
	}
}

// run adds the products of a group of images to sums.
func (f *convFilter) run(isa ISA, sums, x, dy, scratch []float32) {
	taps := f.g.Kernel[0] * f.g.Kernel[1]
	f.blocks(func(o, outs, c, ins, at int) {
		n := taps * outs * ins
		if !f.wide {
			f.block(isa, sums[at*f.lanes:], x, dy, o, outs, c, ins)
			return
		}
		lanes, one := scratch[:n*f.lanes], scratch[n*f.lanes:n*(f.lanes+1)]
		clear(lanes)
		f.block(isa, lanes, x, dy, o, outs, c, ins)
		laneSums(isa, one, lanes)
		for i, v := range one {
			sums[at+i] += v
		}
	})
}

// block adds the products of outs outputs from o and ins inputs from c on to
// acc, rows of pixels at a time.
func (f *convFilter) block(isa ISA, acc, x, dy []float32, o, outs, c, ins int) {
	g := &f.g
	t := convFilterTile{
		cols: g.Out.W,
		xRow: g.Stride[0] * g.In.Row(), xCol: g.Stride[1] * g.In.Pixel(), xTap: g.Dilation[1] * g.In.Pixel(),
		dyRow: g.Out.Row(), dyCol: g.Out.Pixel(),
	}
	for y := 0; y < g.Out.H; y += f.rows {
		t.rows = min(f.rows, g.Out.H-y)
		at := 0
		for _, s := range f.segs {
			t.acc = acc[at*f.lanes:]
			at += s.taps * outs * ins
			from := g.In.Origin() + (y*g.Stride[0]+s.i*g.Dilation[0]-g.Pad[0])*g.In.Row() + (s.j*g.Dilation[1]-g.Pad[1])*g.In.Pixel()
			t.x, t.dy = x[from+c*Group:], dy[g.Out.Origin()+y*g.Out.Row()+o*Group:]
			convFilters(isa, &t, s.taps, ins, outs)
		}
	}
}

// finish adds the sums to dw [O, C, KH, KW].
func (f *convFilter) finish(isa ISA, dw, sums []float32) {
	kh, kw := f.g.Kernel[0], f.g.Kernel[1]
	f.blocks(func(o, outs, c, ins, at int) {
		for _, s := range f.segs {
			var buf [3 * 16]float32
			n := s.taps * outs * ins
			one := buf[:n]
			if f.wide {
				one = sums[at : at+n]
			} else {
				laneSums(isa, one, sums[at*f.lanes:(at+n)*f.lanes])
			}
			at += n
			for i, v := range one {
				to := (o+i/(ins*s.taps))*f.g.In.C + c + i/s.taps%ins
				dw[(to*kh+s.i)*kw+s.j+i%s.taps] += v
			}
		}
	})
}
