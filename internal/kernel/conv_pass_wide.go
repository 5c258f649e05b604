// Passes over many channels. A tile reads few pixels of many channels. These pixels
// lie in different pages and in few sets of the cache, and every group of outputs
// reads them again. So they are gathered first, some channels at a time.

package kernel

// wideDepth is the number of channels gathered at a time. For a tile of seven pixels
// and a 3x3 kernel they take 27 KiB, less than the L1 cache.
const wideDepth = 16

// layOutWide decides whether the pass gathers. AVX-512 gains nothing from it: its
// tiles use each pixel that they load for more products.
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

// scratch is the floats of scratch memory that run needs.
func (p *convPass) scratch() int {
	if !p.wide {
		return 0
	}
	return len(p.segs) * p.segmentFloats()
}

// segmentFloats is the number of floats that a segment of the largest tile reads.
func (p *convPass) segmentFloats() int {
	return (p.pixels[0].size + p.taps - 1) * p.depth * Group
}

// runWide computes the outputs in rows from to to-1 of the pass, a tile at a time.
func (p *convPass) runWide(isa ISA, y, x, packed []float32, epilogue Epilogue, scratch []float32, from, to int) {
	t := convTile{segs: p.gathered, yStep: p.yStep}
	for r := from; r < to; r++ {
		for part := range p.parts {
			p.runWideRow(isa, &t, y, x, packed, epilogue, scratch, r, part)
		}
	}
}

// runWideRow computes row r of the pass for one group of channels.
func (p *convPass) runWideRow(isa ISA, t *convTile, y, x, packed []float32, epilogue Epilogue, scratch []float32, r, part int) {
	for _, px := range p.pixels {
		reads := px.size + p.taps - 1
		for tile := range px.n {
			first, at := px.first+tile*px.size, p.weights+part*p.partWeights()
			for c0 := 0; c0 < p.ins; c0 += p.depth {
				p.channels(t, c0, epilogue.ReLU)
				t.xStep = t.c * Group
				pixels := x[p.xOrigin+r*p.xRow+first*p.xStep+(part*p.ins+c0)*Group:]
				for s, seg := range p.segs {
					gather(scratch[p.gathered[s]:], pixels[seg:], t.xStep, reads, p.xStep)
				}
				for _, g := range p.groups {
					g.first += part * p.outs
					one := span{px.size, 1, 0}
					p.tiles(isa, t, one, g, y[p.yOrigin+r*p.yRow+first*p.yStep:], scratch, packed[at:], epilogue, p.yOrigin+r*p.yRow+first*p.yStep)
					at += g.n * g.size * t.c * len(p.kernel)
				}
			}
		}
	}
}
