// Passes over many channels. A tile reads few pixels of many channels, each in
// another page and all in few sets of a cache, and again for every group of
// outputs: some channels of them are gathered first.

package kernel

// wideDepth is the channels gathered at once: with what a tile of seven pixels
// and three taps reads in three rows, 27 KiB.
const wideDepth = 16

// layOutWide decides whether the pass gathers. With AVX-512 nothing is gained:
// its tiles read a pixel for more products.
func (p *convPass) layOutWide(isa ISA) {
	p.wide = isa != AVX512 && p.taps == 3 && p.ins >= 2*wideDepth && p.outs >= 32
	if !p.wide {
		return
	}
	p.depth = wideDepth
	for k := range p.segs {
		p.gathered = append(p.gathered, k*p.segmentFloats())
	}
}

// scratch is the number of floats that run works in.
func (p *convPass) scratch() int {
	if !p.wide {
		return 0
	}
	return len(p.segs) * p.segmentFloats()
}

// segmentFloats is what a segment of the largest tile reads.
func (p *convPass) segmentFloats() int {
	return (p.pixels[0].size + p.taps - 1) * p.depth * Group
}

// runWide computes the outputs in rows from to to-1 of the pass, a tile at a time.
func (p *convPass) runWide(isa ISA, y, x, packed []float32, epilogue Epilogue, scratch []float32, from, to int) {
	t := convTile{segs: p.gathered, yStep: p.yStep}
	for r := from; r < to; r++ {
		for _, px := range p.pixels {
			reads := px.size + p.taps - 1
			for tile := range px.n {
				first, at := px.first+tile*px.size, p.weights
				for c0 := 0; c0 < p.ins; c0 += p.depth {
					p.channels(&t, c0, epilogue.ReLU)
					t.xStep = t.c * Group
					pixels := x[p.xOrigin+r*p.xRow+first*p.xStep+c0*Group:]
					for s, seg := range p.segs {
						gather(scratch[p.gathered[s]:], pixels[seg:], t.xStep, reads, p.xStep)
					}
					for _, g := range p.groups {
						one := span{px.size, 1, 0}
						p.tiles(isa, &t, one, g, y[p.yOrigin+r*p.yRow+first*p.yStep:], scratch, packed[at:], epilogue, p.yOrigin+r*p.yRow+first*p.yStep)
						at += g.n * g.size * t.c * len(p.kernel)
					}
				}
			}
		}
	}
}
