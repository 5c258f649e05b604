// Convolutions of images alone: products of matrices, whose rows are pixels side
// by side and whose columns are channels.

package kernel

import "fmt"

// ConvAlone is a planned convolution of images alone, with the methods of Conv.
// It does not change after PlanConvAlone: several threads may run it at once.
type ConvAlone struct {
	ConvGeometry
	isa ISA
	// taps of a row that are one product: all, unless they are apart
	taps   int
	vector *Vector[float32]
}

// PlanConvAlone is PlanConv for images alone.
func PlanConvAlone(isa ISA, g ConvGeometry) (*ConvAlone, error) {
	if err := g.check(); err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	if !g.In.Alone {
		return nil, fmt.Errorf("convolution of images side by side: use PlanConv")
	}
	p := &ConvAlone{ConvGeometry: g, isa: isa, taps: 1, vector: VectorFor(isa)}
	if g.Dilation[1] == 1 {
		p.taps = g.Kernel[1]
	}
	return p, nil
}

// Weights is the number of weights w [O, C, KH, KW], and the length of a packed copy.
func (p *ConvAlone) Weights() int { return p.Out.C * p.In.C * p.Kernel[0] * p.Kernel[1] }

// Scratch is the number of floats that the products want to work in.
func (p *ConvAlone) Scratch() int {
	n := 0
	row, tap := p.rows(p.Out.H), p.scatter()
	for _, s := range []GemmShape{row, tap, p.gradient()} {
		if g, err := PlanGemm[float32](p.isa, s); err == nil {
			n = max(n, g.Scratch())
		}
	}
	return n
}

// rows is the product of that many rows of the result with the taps of a row of
// the kernel. Where images and results are as wide, the rows are one, and what
// is between them is computed, too.
func (p *ConvAlone) rows(n int) GemmShape {
	pixels := p.Out.W
	if p.flat() {
		pixels = (n-1)*p.Out.Row()/p.Out.C + p.Out.W
	}
	return GemmShape{
		M: pixels, N: p.Out.C, K: p.taps * p.In.C,
		A: Strides{Row: p.Stride[1] * p.In.C, Col: 1}, B: Strides{Row: p.Out.C, Col: 1}, LDC: p.Out.C,
	}
}

// flat says whether rows of the result are as far apart as the rows they read.
func (p *ConvAlone) flat() bool {
	return p.Stride == [2]int{1, 1} && p.In.Row()/p.In.C == p.Out.Row()/p.Out.C
}

// scatter is the product of a row of gradients with a tap.
func (p *ConvAlone) scatter() GemmShape {
	return GemmShape{
		M: p.Out.W, N: p.In.C, K: p.Out.C,
		A: Strides{Row: p.Out.C, Col: 1}, B: Strides{Row: p.In.C, Col: 1}, LDC: max(p.Stride[1]*p.In.C, p.In.C),
	}
}

// gradient is the product of what taps of a row read with a row of gradients.
func (p *ConvAlone) gradient() GemmShape {
	return GemmShape{
		M: p.taps * p.In.C, N: p.Out.C, K: p.Out.W,
		A: Strides{Row: 1, Col: p.Stride[1] * p.In.C}, B: Strides{Row: p.Out.C, Col: 1}, LDC: p.Out.C,
	}
}

// PackForward writes w [O, C, KH, KW] into packed [Weights()] as [KH][KW][C][O].
func (p *ConvAlone) PackForward(packed, w []float32) {
	p.eachWeight(func(tap, c, o, at int) { packed[(tap*p.In.C+c)*p.Out.C+o] = w[at] })
}

// PackData writes w [O, C, KH, KW] into packed [Weights()] as [KH][KW][O][C].
func (p *ConvAlone) PackData(packed, w []float32) {
	p.eachWeight(func(tap, c, o, at int) { packed[(tap*p.Out.C+o)*p.In.C+c] = w[at] })
}

// eachWeight calls f for every weight and where it is in [O, C, KH, KW].
func (p *ConvAlone) eachWeight(f func(tap, c, o, at int)) {
	at := 0
	for o := range p.Out.C {
		for c := range p.In.C {
			for tap := range p.Kernel[0] * p.Kernel[1] {
				f(tap, c, o, at)
				at++
			}
		}
	}
}

// reads is where the images are that tap (i,j) of the first pixel of row y reads.
func (p *ConvAlone) reads(y, i, j int) int {
	return p.In.Origin() + (y*p.Stride[0]+i*p.Dilation[0]-p.Pad[0])*p.In.Row() + (j*p.Dilation[1]-p.Pad[1])*p.In.C
}

// RunForwardRows is Conv.RunForwardRows.
func (p *ConvAlone) RunForwardRows(out, in, packed []float32, after After, scratch []float32, from, to int) {
	step := 1
	if p.flat() {
		step = max(to-from, 1)
	}
	shape := p.rows(step)
	g, _ := PlanGemm[float32](p.isa, shape) // shapes of a geometry that was checked
	for y := from; y < to; y += step {
		at := p.Out.Origin() + y*p.Out.Row()
		for i := range p.Kernel[0] {
			for j := 0; j < p.Kernel[1]; j += p.taps {
				x := GemmArgs[float32]{
					A: in[p.reads(y, i, j):], B: packed[(i*p.Kernel[1]+j)*p.In.C*p.Out.C:], C: out[at:],
					Accumulate: i+j > 0,
				}
				if i == p.Kernel[0]-1 && j+p.taps == p.Kernel[1] {
					x.Bias, x.ReLU = after.Bias, after.ReLU
				}
				p.must(g.Run(x, scratch))
			}
		}
		for r := y; after.Above != nil && r < y+step; r++ {
			row := p.Out.Origin() + r*p.Out.Row()
			ReLUGrad(p.isa, out[row:row+p.Out.W*p.Out.C], out[row:], after.Above[row:])
		}
		for r := y; r < y+step-1; r++ { // what is between rows is zero again
			gap := p.Out.Origin() + r*p.Out.Row() + p.Out.W*p.Out.C
			clear(out[gap : gap+(p.Out.Right+p.Out.Left)*p.Out.C])
		}
	}
}

// RunDataRows is Conv.RunData: it takes no rows but all of them.
func (p *ConvAlone) RunDataRows(din, dout, packed []float32, after After, scratch []float32, from, to int) {
	if from > 0 || to < p.In.H {
		panic("kernel: rows of a data gradient of images alone")
	}
	for y := range p.In.H {
		row := p.row(din, y)
		clear(row)
		for x := 0; after.Bias != nil && x < len(row); x += p.In.C {
			copy(row[x:], after.Bias[:p.In.C])
		}
	}
	shape := p.scatter()
	for q := range p.Out.H {
		for i := range p.Kernel[0] {
			y := q*p.Stride[0] + i*p.Dilation[0] - p.Pad[0]
			if y < 0 || y >= p.In.H {
				continue
			}
			for j := range p.Kernel[1] {
				left := j*p.Dilation[1] - p.Pad[1] // of the pixel that the first gradient goes to
				first := max(0, (-left+p.Stride[1]-1)/p.Stride[1])
				last := (p.In.W - 1 - left) / p.Stride[1]
				if shape.M = min(last, p.Out.W-1) - first + 1; shape.M < 1 || p.In.W-1 < left {
					continue
				}
				g, _ := PlanGemm[float32](p.isa, shape)
				p.must(g.Run(GemmArgs[float32]{
					A:          dout[p.Out.Origin()+q*p.Out.Row()+first*p.Out.C:],
					B:          packed[(i*p.Kernel[1]+j)*p.In.C*p.Out.C:],
					C:          din[p.In.Origin()+y*p.In.Row()+(left+first*p.Stride[1])*p.In.C:],
					Accumulate: true,
				}, scratch))
			}
		}
	}
	for y := range p.In.H {
		row := p.row(din, y)
		if after.ReLU {
			p.vector.Right[OpMax](row, row, 0)
		}
		if after.Above != nil {
			ReLUGrad(p.isa, row, row, p.row(after.Above, y))
		}
	}
}

// row is row y of the images.
func (p *ConvAlone) row(x []float32, y int) []float32 {
	from := p.In.Origin() + y*p.In.Row()
	return x[from : from+p.In.W*p.In.C]
}

// FilterSums is the length of the sums that RunFilter adds to.
func (p *ConvAlone) FilterSums() int { return p.Weights() }

// RunFilter is Conv.RunFilter; sums are [KH][KW][C][O].
func (p *ConvAlone) RunFilter(sums, in, dout, scratch []float32) {
	g, _ := PlanGemm[float32](p.isa, p.gradient())
	for y := range p.Out.H {
		for i := range p.Kernel[0] {
			for j := 0; j < p.Kernel[1]; j += p.taps {
				p.must(g.Run(GemmArgs[float32]{
					A: in[p.reads(y, i, j):], B: dout[p.Out.Origin()+y*p.Out.Row():],
					C: sums[(i*p.Kernel[1]+j)*p.In.C*p.Out.C:], Accumulate: true,
				}, scratch))
			}
		}
	}
}

// FoldedSums is FilterSums.
func (p *ConvAlone) FoldedSums() int { return p.FilterSums() }

// FoldFilter adds sums to folded.
func (p *ConvAlone) FoldFilter(folded, sums []float32) {
	addRowsGeneric(folded[:p.FilterSums()], sums, 1, p.FilterSums())
}

// FinishFilter adds sums to dw [O, C, KH, KW].
func (p *ConvAlone) FinishFilter(dw, sums []float32) {
	p.eachWeight(func(tap, c, o, at int) { dw[at] += sums[(tap*p.In.C+c)*p.Out.C+o] })
}

// must panics with a mistake in the shapes above.
func (p *ConvAlone) must(err error) {
	if err != nil {
		panic(err)
	}
}
