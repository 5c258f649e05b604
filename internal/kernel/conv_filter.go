// The filter gradient: blocks of taps by input channels by output channels. Each
// block is summed over all pixels of a group of images.

package kernel

// wideSums is the most numbers that the sums of a layer may have with a sum for each
// lane. A layer with more is wide: the lanes of each block are added up after every
// group of images.
const (
	wideSums  = 1 << 17
	wideLanes = 8 // the least lanes that this counts
)

// filterLanes is the lanes of an accumulator of a filter gradient. Plain Go adds up all lanes
// in one sum: then the loads of a product are shared as in a matrix product.
func filterLanes(isa ISA) int {
	if isa == Plain {
		return 1
	}
	return convLanes(isa)
}

// convFilter is the plan of a filter gradient. The sums are in the order of the
// blocks: outputs, inputs, segments of taps. Within a block and segment the order is
// [output][input][tap].
type convFilter struct {
	g         ConvGeometry
	lanes     int
	segs      []filterSeg
	outs, ins []span
	wide      bool // lanes are added up after every group
	rows      int  // rows of pixels in a call: all, unless that takes too long
}

// filterSeg is adjacent taps of a row; the first is at row i and column j of the kernel.
type filterSeg struct{ i, j, taps int }

// planFilter cuts the gradient into blocks that the kernels for isa support, with few
// loads for many products.
func planFilter(isa ISA, g ConvGeometry) convFilter {
	f := convFilter{g: g, lanes: filterLanes(isa)}
	for i := range g.Kernel[0] {
		for j := 0; j < g.Kernel[1]; {
			taps := min(g.Kernel[1]-j, 3)
			if g.Kernel[1]-j == 4 {
				taps = 2 // 2 and 2, not 3 and 1: a single tap has many loads for few products
			}
			f.segs = append(f.segs, filterSeg{i, j, taps})
			j += taps
		}
	}
	most := 8
	if g.Kernel[1] == 1 {
		most = 16
	}
	if isa == AVX2 {
		most /= 2
	}
	outs, ins := min(most/2, 4), most/min(most/2, 4)
	switch {
	case g.ins() == 1:
		outs, ins = min(most, 8), 1
	case g.outs() == 1:
		outs, ins = 1, min(most, 8)
	case g.outs() < outs:
		outs, ins = 2, most/2
	}
	f.outs, f.ins = powers(g.outs(), outs), powers(g.ins(), ins)
	f.wide = f.weights()*max(f.lanes, wideLanes) > wideSums
	f.rows = min(max(1, vectorsPerCall/(g.Out.W*outs*ins*3*Group/f.lanes)), g.Out.H)
	return f
}

// weights is the number of weights.
func (f *convFilter) weights() int {
	return f.g.Out.C * f.g.ins() * f.g.Kernel[0] * f.g.Kernel[1]
}

// sums is the length of the sums of a layer.
func (f *convFilter) sums() int {
	if f.wide {
		return f.weights() + 15 // whole vectors are added, for the last block too
	}
	return f.weights() * f.lanes
}

// scratch is the floats of scratch memory. A wide layer needs it for the lanes of the
// largest block, the gradients of a block's outputs, and all images.
func (f *convFilter) scratch() int {
	if !f.wide {
		return 0
	}
	return f.blockSums()*f.lanes + f.g.Out.H*f.g.Out.W*f.outs[0].size*Group + f.g.In.Len()
}

// blockSums is the number of weights of the largest block, rounded up to whole vectors.
func (f *convFilter) blockSums() int {
	return wholeVectors(f.g.Kernel[0] * f.g.Kernel[1] * f.outs[0].size * f.ins[0].size)
}

// wholeVectors rounds n up to a multiple of the lanes of any vector.
func wholeVectors(n int) int { return (n + 15) &^ 15 }

// blocks calls do for each block; at is the number of weights in the blocks before it.
func (f *convFilter) blocks(do func(o, outs, c, ins, at int)) {
	at := 0
	for part := range f.g.parts() {
		for _, o := range f.outs {
			for o0 := o.first; o0 < o.first+o.n*o.size; o0 += o.size {
				for _, c := range f.ins {
					for c0 := c.first; c0 < c.first+c.n*c.size; c0 += c.size {
						do(part*f.g.outs()+o0, o.size, part*f.g.ins()+c0, c.size, at)
						at += f.g.Kernel[0] * f.g.Kernel[1] * o.size * c.size
					}
				}
			}
		}
	}
}

// run adds the products of a group of images to sums.
func (f *convFilter) run(isa ISA, sums, x, dy, scratch []float32) {
	t := convFilterTile{
		cols: f.g.Out.W,
		xRow: f.g.Stride[0] * f.g.In.Row(), xCol: f.g.Stride[1] * f.g.In.Pixel(), xTap: f.g.Dilation[1] * f.g.In.Pixel(),
		dyRow: f.g.Out.Row(), dyCol: f.g.Out.Pixel(),
	}
	if f.wide {
		f.runWide(isa, &t, sums, x, dy, scratch)
		return
	}
	from := f.g.In.Origin() - f.g.Pad[0]*f.g.In.Row() - f.g.Pad[1]*f.g.In.Pixel()
	f.blocks(func(o, outs, c, ins, at int) {
		f.block(isa, &t, sums[at*f.lanes:], x[from+c*Group:], dy[f.g.Out.Origin()+o*Group:], outs, ins)
	})
}

// block adds the products of outs outputs and ins inputs to acc. x begins with the
// pixel that tap (0,0) reads for pixel (0,0) of dy.
func (f *convFilter) block(isa ISA, t *convFilterTile, acc, x, dy []float32, outs, ins int) {
	fresh := t.fresh
	for y := 0; y < f.g.Out.H; y += f.rows {
		t.rows = min(f.rows, f.g.Out.H-y)
		if ins*outs == 1 && f.g.Kernel == [2]int{3, 3} {
			t.acc, t.x, t.dy = acc, x[y*t.xRow:], dy[y*t.dyRow:]
			t.xTapRow = f.g.Dilation[0] * (t.xRow / f.g.Stride[0])
			runConvFilterSquare(isa, t)
			t.fresh = 0
			continue
		}
		at := 0
		for _, s := range f.segs {
			t.acc = acc[at*f.lanes:]
			t.x = x[y*t.xRow+s.i*f.g.Dilation[0]*(t.xRow/f.g.Stride[0])+s.j*t.xTap:]
			t.dy = dy[y*t.dyRow:]
			convFilters(isa, t, s.taps, ins, outs)
			at += s.taps * outs * ins
		}
		t.fresh = 0
	}
	t.fresh = fresh
}

// convFilters adds the products of a rectangle of pixels; see convFilterGeneric.
func convFilters(isa ISA, a *convFilterTile, taps, ins, outs int) {
	if taps == 3 && outs == 1 && a.xCol == a.xTap {
		runConvFilterRow(isa, a, ins)
		return
	}
	runConvFilter(isa, a, taps, ins, outs)
}

// folded is the length of the sums of a layer after fold.
func (f *convFilter) folded() int {
	if f.wide {
		return f.sums()
	}
	return f.weights()
}

// fold adds up the lanes of sums and adds the results to dst.
func (f *convFilter) fold(isa ISA, dst, sums []float32) {
	if f.wide {
		addRowsGeneric(dst, sums, 1, len(dst))
		return
	}
	f.addLanes(isa, dst, sums)
}

// addLanes adds the sum of the lanes of each accumulator to dst.
func (f *convFilter) addLanes(isa ISA, dst, sums []float32) {
	if f.lanes == 1 {
		addRowsGeneric(dst, sums, 1, len(dst))
		return
	}
	laneSums(isa, dst, sums)
}

// finish adds folded sums to dw [O, C/Groups, KH, KW].
func (f *convFilter) finish(dw, folded []float32) {
	kh, kw := f.g.Kernel[0], f.g.Kernel[1]
	f.blocks(func(o, outs, c, ins, at int) {
		for _, s := range f.segs {
			n := s.taps * outs * ins
			for i, v := range folded[at : at+n] {
				to := (o+i/(ins*s.taps))*f.g.ins() + c%f.g.ins() + i/s.taps%ins
				dw[(to*kh+s.i)*kw+s.j+i%s.taps] += v
			}
			at += n
		}
	})
}
