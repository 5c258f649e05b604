// A pass of a convolution: tiles of outputs that all read the same taps.

package kernel

import "slices"

// vectorsPerCall limits the multiply-adds of one call of an assembly kernel. The call
// then returns within 100 µs, which matters because assembly is not preempted.
const vectorsPerCall = 150_000

// span is n adjacent pieces of one size; first is where the first piece begins.
type span struct{ size, n, first int }

// convPass computes outputs at (yOrigin + r*yRow + q*yStep), for r < rows and
// q < cols, from taps at fixed offsets from (xOrigin + r*xRow + q*xStep). The
// forward pass reads images and writes results; the data gradient reads gradients of
// results and writes gradients of images.
type convPass struct {
	xOrigin, xRow, xStep int
	yOrigin, yRow, yStep int
	rows, cols           int
	row, rowStep         int      // the first row of the result that the pass writes, and the distance to the next
	parts                int      // groups of channels, each convolved apart
	ins, outs            int      // channels of a group
	taps                 int      // taps of a segment: 3 adjacent ones, or 1
	segs                 []int    // the offset of each segment
	kernel               [][2]int // by tap of each segment: its row and column in the kernel
	weights              int      // where the packed weights begin
	depth                int      // channels summed in a call
	pixels               []span   // tiles of a row
	groups               []span   // groups of output channels
	wide                 bool     // the pixels of a tile are gathered first
	gathered             []int    // the segments' offsets in the gathered pixels
}

// forwardPasses returns the one pass of the forward direction.
func (g ConvGeometry) forwardPasses() []convPass {
	p := convPass{
		xOrigin: g.In.Origin(), xRow: g.Stride[0] * g.In.Row(), xStep: g.Stride[1] * g.In.Pixel(),
		yOrigin: g.Out.Origin(), yRow: g.Out.Row(), yStep: g.Out.Pixel(),
		rows: g.Out.H, cols: g.Out.W, rowStep: 1, parts: g.parts(), ins: g.ins(), outs: g.outs(), taps: 1,
	}
	if g.Kernel[1] == 3 && g.Dilation[1] == g.Stride[1] {
		p.taps = 3
	}
	for i := range g.Kernel[0] {
		for j := range g.Kernel[1] {
			p.kernel = append(p.kernel, [2]int{i, j})
			if j%p.taps == 0 {
				p.segs = append(p.segs, (i*g.Dilation[0]-g.Pad[0])*g.In.Row()+(j*g.Dilation[1]-g.Pad[1])*g.In.Pixel())
			}
		}
	}
	return []convPass{p}
}

// dataPasses returns a pass for each position of a pixel within a stride: pixels at
// the same position read the gradients of the same taps, at the same offsets.
func (g ConvGeometry) dataPasses() []convPass {
	var passes []convPass
	weights := 0
	for a := range min(g.Stride[0], g.In.H) {
		for b := range min(g.Stride[1], g.In.W) {
			p := convPass{
				xOrigin: g.Out.Origin(), xRow: g.Out.Row(), xStep: g.Out.Pixel(),
				yOrigin: g.In.Origin() + a*g.In.Row() + b*g.In.Pixel(),
				yRow:    g.Stride[0] * g.In.Row(), yStep: g.Stride[1] * g.In.Pixel(),
				rows: (g.In.H - a + g.Stride[0] - 1) / g.Stride[0], cols: (g.In.W - b + g.Stride[1] - 1) / g.Stride[1],
				row: a, rowStep: g.Stride[0], parts: g.parts(), ins: g.outs(), outs: g.ins(), taps: 1, weights: weights,
			}
			if g.Kernel[1] == 3 && g.Dilation[1] == 1 && g.Stride[1] == 1 {
				p.taps = 3
			}
			for i := g.Kernel[0] - 1; i >= 0; i-- {
				for j := g.Kernel[1] - 1; j >= 0; j-- {
					y, x := a+g.Pad[0]-i*g.Dilation[0], b+g.Pad[1]-j*g.Dilation[1]
					if y%g.Stride[0] != 0 || x%g.Stride[1] != 0 {
						continue
					}
					if len(p.kernel)%p.taps == 0 {
						p.segs = append(p.segs, y/g.Stride[0]*g.Out.Row()+x/g.Stride[1]*g.Out.Pixel())
					}
					p.kernel = append(p.kernel, [2]int{i, j})
				}
			}
			weights += p.parts * p.partWeights()
			passes = append(passes, p)
		}
	}
	return passes
}

// partWeights is the number of weights of a group of channels.
func (p *convPass) partWeights() int { return len(p.kernel) * p.ins * p.outs }

// layOut cuts passes into tiles that the kernels for isa support.
func layOut(isa ISA, passes []convPass) []convPass {
	for i := range passes {
		p := &passes[i]
		const sums = 28 // vectors of sums in the largest tile
		p.depth = min(p.ins, max(1, vectorsPerCall/(sums*max(1, len(p.kernel)))))
		if len(p.segs) == 0 { // nothing is read
			p.xOrigin, p.xRow, p.xStep = 0, 0, 0
		} else { // offsets count from the first segment
			first := slices.Min(p.segs)
			p.xOrigin += first
			for k := range p.segs {
				p.segs[k] -= first
			}
		}
		pixels, outs := p.largestTile(isa)
		p.pixels = evenly(p.cols, pixels)
		p.groups = powers(p.outs, outs)
		p.layOutWide(isa)
	}
	return passes
}

// largestTile returns the pixels and outputs of the tiles that fill the registers.
// NEON holds 10 by 2.
// AVX-512 holds 7 by 2 or 6 by 4; the latter is faster, except for rows that are a
// multiple of 7 pixels. With one output, a tile has more pixels.
func (p *convPass) largestTile(isa ISA) (pixels, outs int) {
	switch {
	case isa == AVX2 && p.outs == 1:
		return 10, 1
	case isa == AVX2:
		return 6, 2
	case p.outs == 1:
		return 14, 1
	case isa == NEON:
		return 10, 2
	case isa == AVX512 && p.outs >= 4 && p.cols%7 != 0:
		return 6, 4
	default:
		return 7, 2
	}
}

// evenly cuts n into the fewest pieces of at most size. Their sizes differ by at most
// 1.
func evenly(n, size int) []span {
	pieces := (n + size - 1) / size
	size, more := n/pieces, n%pieces
	var s []span
	if more > 0 {
		s = append(s, span{size + 1, more, 0})
	}
	return append(s, span{size, pieces - more, more * (size + 1)})
}

// powers cuts n into pieces of size, a power of two, and the rest into smaller powers
// of two.
func powers(n, size int) []span {
	var s []span
	for first := 0; first < n; size /= 2 {
		if k := (n - first) / size; k > 0 {
			s = append(s, span{size, k, first})
			first += k * size
		}
	}
	return s
}

// pack copies the weights w[out*outStep + in*inStep + i*kw + j] of each group of
// channels in the order in which run reads them.
func (p *convPass) pack(packed, w []float32, outStep, inStep, kw int) {
	size := len(w) / p.parts
	for part := range p.parts {
		p.packPart(packed[p.weights+part*p.partWeights():], w[part*size:], outStep, inStep, kw)
	}
}

func (p *convPass) packPart(packed, w []float32, outStep, inStep, kw int) {
	at := 0
	for c0 := 0; c0 < p.ins; c0 += p.depth {
		for _, g := range p.groups {
			for o0 := g.first; o0 < g.first+g.n*g.size; o0 += g.size {
				for s := 0; s < len(p.kernel); s += p.taps {
					for c := c0; c < min(c0+p.depth, p.ins); c++ {
						for _, k := range p.kernel[s : s+p.taps] {
							from := o0*outStep + c*inStep + k[0]*kw + k[1]
							for o := range g.size {
								packed[at] = w[from+o*outStep]
								at++
							}
						}
					}
				}
			}
		}
	}
}

// run computes the outputs of the pass in rows from to to-1 of the result.
func (p *convPass) run(isa ISA, y, x, packed []float32, epilogue Epilogue, scratch []float32, from, to int) {
	from = (max(from-p.row, 0) + p.rowStep - 1) / p.rowStep
	to = min((max(to-p.row, 0)+p.rowStep-1)/p.rowStep, p.rows)
	if p.wide {
		p.runWide(isa, y, x, packed, epilogue, scratch, from, to)
		return
	}
	t := convTile{segs: p.segs, xStep: p.xStep, yStep: p.yStep}
	for r := from; r < to; r++ {
		for part := range p.parts {
			for _, px := range p.pixels {
				at := p.weights + part*p.partWeights()
				for c0 := 0; c0 < p.ins; c0 += p.depth {
					p.channels(&t, c0, epilogue.ReLU)
					for _, g := range p.groups {
						g.first += part * p.outs
						p.tiles(isa, &t, px, g, y[p.yOrigin+r*p.yRow:], x[p.xOrigin+r*p.xRow+(part*p.ins+c0)*Group:], packed[at:], epilogue, p.yOrigin+r*p.yRow)
						at += g.n * g.size * t.c * len(p.kernel)
					}
				}
			}
		}
	}
}

// channels sets the tile's channels: depth of them, from c0 on. Later ones add to the
// sums of the first, and the ReLU comes with the last.
func (p *convPass) channels(t *convTile, c0 int, relu bool) {
	t.c, t.add, t.relu = min(p.depth, p.ins-c0), 0, 0
	t.last = c0+t.c == p.ins
	if c0 > 0 {
		t.add = 1
	}
	if relu && t.last {
		t.relu = 1
	}
}

// tiles computes a row of tiles of one size by groups of outputs of one size, for t.c
// channels, in calls that are not too long. y begins at index yAt of the whole result,
// which is also the index in epilogue.ReLUOutput.
func (p *convPass) tiles(isa ISA, t *convTile, px, g span, y, x, w []float32, epilogue Epilogue, yAt int) {
	each := px.size * g.size * max(1, len(p.kernel)) * t.c * Group / convLanes(isa)
	groups, tiles := g.n, px.n
	if each*groups*tiles > vectorsPerCall {
		groups = min(max(1, vectorsPerCall/each), g.n)
		tiles = min(max(1, vectorsPerCall/(each*groups)), px.n)
	}
	for g0 := 0; g0 < g.n; g0 += groups {
		t.groups = min(groups, g.n-g0)
		out := g.first + g0*g.size
		t.w = w[g0*g.size*t.c*len(p.kernel):]
		if epilogue.Bias != nil {
			t.bias = epilogue.Bias[out : out+t.groups*g.size]
		}
		for t0 := 0; t0 < px.n; t0 += tiles {
			t.tiles = min(tiles, px.n-t0)
			at := px.first + t0*px.size
			t.x, t.y = x[at*p.xStep:], y[at*p.yStep+out*Group:]
			t.reluOutput, t.reluOffset = nil, 0
			if epilogue.ReLUOutput != nil && t.last {
				t.gateBy(epilogue.ReLUOutput[yAt+at*p.yStep+out*Group:])
			}
			runConvTile(isa, t, p.taps, px.size, g.size)
		}
	}
}
