// Convolutions of images with the batch innermost: planned once for a layer, run
// for every group of images.

package kernel

import "fmt"

//go:generate go run -C _asm ./conv -out ../conv_amd64.s -stubs ../conv_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./conv -neon -out ../conv_arm64.s -stubs ../conv_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./conv -dispatch ../conv_dispatch

// ConvGeometry is a convolution of In. Kernel, Stride, Dilation and Pad have the
// rows first and the columns second:
//
//	out[p,q,o] = sum over c,i,j of w[o,c,i,j] * in[p*Stride+i*Dilation-Pad, q*Stride+j*Dilation-Pad, c]
//
// where, with Groups, c runs over the channels of a group: both sides' channels are
// divided into that many consecutive groups, and each group of outputs reads only its
// group of inputs.
//
// In is also the geometry of the gradient of the images, and Out that of the
// gradient of the result. Pixels outside an image are read from its halo.
type ConvGeometry struct {
	In, Out                  Image
	Kernel, Stride, Dilation [2]int // at least 1
	Pad                      [2]int // rows above and columns before the image, at least 0
	Groups                   int    // of channels; 0 is one
}

// parts is the number of groups of channels.
func (g ConvGeometry) parts() int { return max(1, g.Groups) }

// ins and outs are the channels of a group.
func (g ConvGeometry) ins() int  { return g.In.C / g.parts() }
func (g ConvGeometry) outs() int { return g.Out.C / g.parts() }

// Halos returns the halos that the kernels read: around In for the forward pass and
// the filter gradient, around Out for the data gradient. It does not use In.Halo and
// Out.Halo.
func (g ConvGeometry) Halos() (in, out Halo) {
	sides := func(a, size, windows int) (inBefore, inAfter, outBefore, outAfter int) {
		reach := (g.Kernel[a] - 1) * g.Dilation[a]
		last := (windows-1)*g.Stride[a] + reach - g.Pad[a]
		return g.Pad[a], max(0, last-(size-1)),
			max(0, reach-g.Pad[a]) / g.Stride[a], max(0, (size-1+g.Pad[a])/g.Stride[a]-(windows-1))
	}
	in.Top, in.Bottom, out.Top, out.Bottom = sides(0, g.In.H, g.Out.H)
	in.Left, in.Right, out.Left, out.Right = sides(1, g.In.W, g.Out.W)
	return in, out
}

// check returns an error if the geometry is invalid or the halo of In is too small.
func (g ConvGeometry) check() error {
	if err := g.In.check("the input"); err != nil {
		return err
	}
	if err := g.Out.check("the output"); err != nil {
		return err
	}
	if n := g.parts(); g.In.C%n != 0 || g.Out.C%n != 0 {
		return fmt.Errorf("%d groups of %d and %d channels: want a number that divides both", n, g.In.C, g.Out.C)
	}
	for a, what := range [...]string{"rows", "columns"} {
		if g.Kernel[a] < 1 || g.Stride[a] < 1 || g.Dilation[a] < 1 || g.Pad[a] < 0 {
			return fmt.Errorf("along the %s: kernel %d, stride %d, dilation %d, padding %d: want at least 1, 1, 1 and 0",
				what, g.Kernel[a], g.Stride[a], g.Dilation[a], g.Pad[a])
		}
	}
	if need, _ := g.Halos(); g.In.Halo.Max(need) != g.In.Halo {
		return fmt.Errorf("the input has the halo %+v, the convolution reads %+v: allocate the larger of the two", g.In.Halo, need)
	}
	return nil
}

// Conv is a planned convolution. It is immutable: several threads may run it at
// once, each on its own buffers. A buffer of images holds one group (In.Len() or
// Out.Len() floats). Buffers must not overlap.
type Conv struct {
	ConvGeometry
	isa     ISA
	forward []convPass // one pass
	data    []convPass // one for each position of a pixel within a stride; nil if Out has no halo for it
	filter  convFilter
}

// PlanConv plans the forward pass and both gradients of a convolution for isa, one
// of Supported. It returns an error if the geometry is invalid or the halo of In is
// smaller than Halos returns. Out needs its halo only for RunData.
func PlanConv(isa ISA, g ConvGeometry) (*Conv, error) {
	if err := g.check(); err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	p := &Conv{ConvGeometry: g, isa: isa}
	p.forward = layOut(isa, g.forwardPasses())
	if _, need := g.Halos(); g.Out.Halo.Max(need) == g.Out.Halo {
		p.data = layOut(isa, g.dataPasses())
	}
	p.filter = planFilter(isa, g)
	return p, nil
}

// Weights is the number of weights w [O, C/Groups, KH, KW], and the length of a packed
// copy.
func (p *Conv) Weights() int { return p.Out.C * p.ins() * p.Kernel[0] * p.Kernel[1] }

// Scratch is the number of floats of scratch memory that RunForward, RunData and
// RunFilter need. Its content does not matter before or after.
func (p *Conv) Scratch() int {
	n := p.filter.scratch()
	for _, passes := range [][]convPass{p.forward, p.data} {
		for i := range passes {
			n = max(n, passes[i].scratch())
		}
	}
	return n
}

// PackForward writes w [O, C/Groups, KH, KW] into packed [Weights()] in the order in which
// RunForward reads it.
func (p *Conv) PackForward(packed, w []float32) {
	kernel := p.Kernel[0] * p.Kernel[1]
	for i := range p.forward {
		p.forward[i].pack(packed, w, p.ins()*kernel, kernel, p.Kernel[1])
	}
}

// PackData writes w [O, C/Groups, KH, KW] into packed [Weights()] in the order in which
// RunData reads it.
func (p *Conv) PackData(packed, w []float32) {
	kernel := p.Kernel[0] * p.Kernel[1]
	for i := range p.data {
		p.data[i].pack(packed, w, kernel, p.ins()*kernel, p.Kernel[1])
	}
}

// Epilogue is applied to the results of a convolution before they are stored.
type Epilogue struct {
	// Bias [channels] is added to the results; nil for no bias.
	Bias []float32
	// ReLU makes negative results 0; NaN stays NaN.
	ReLU bool
	// ReLUOutput has the layout of the result. Results become 0 where it is not
	// above 0: this is the gradient of a ReLU with that output. Nil for no ReLU. It
	// must not overlap the result.
	ReLUOutput []float32
}

// RunForward computes rows from to to-1 of out from in and weights packed by
// PackForward. A caller that computes a few rows at a time can use them while they
// are in the cache.
func (p *Conv) RunForward(out, in, packed []float32, epilogue Epilogue, scratch []float32, from, to int) {
	out, in, packed = out[:p.Out.Len()], in[:p.In.Len()], packed[:p.Weights()]
	for i := range p.forward {
		p.forward[i].run(p.isa, out, in, packed, epilogue, scratch, from, to)
	}
}

// RunData computes rows from to to-1 of din, the gradient of the images, from
// dout and weights packed by PackData. It is also the transposed convolution.
func (p *Conv) RunData(din, dout, packed []float32, epilogue Epilogue, scratch []float32, from, to int) {
	din, dout, packed = din[:p.In.Len()], dout[:p.Out.Len()], packed[:p.Weights()]
	for i := range p.data {
		p.data[i].run(p.isa, din, dout, packed, epilogue, scratch, from, to)
	}
}

// FilterSums is the length of the sums that RunFilter adds to.
func (p *Conv) FilterSums() int { return p.filter.sums() }

// RunFilter adds the filter gradient of a group of images to sums [FilterSums()],
// which the caller sets to zeros first. The sums of several groups may be added
// elementwise, before or after FoldFilter. In lanes without an image, dout must hold
// zeros and in finite numbers.
func (p *Conv) RunFilter(sums, in, dout, scratch []float32) {
	p.filter.run(p.isa, sums[:p.FilterSums()], in[:p.In.Len()], dout[:p.Out.Len()], scratch)
}

// FoldedSums is the length of the sums that FoldFilter writes. If it equals
// FilterSums, there is nothing to fold.
func (p *Conv) FoldedSums() int { return p.filter.folded() }

// FoldFilter adds up the lanes of sums from RunFilter and adds the results to folded
// [FoldedSums()].
func (p *Conv) FoldFilter(folded, sums []float32) {
	p.filter.fold(p.isa, folded[:p.FoldedSums()], sums[:p.FilterSums()])
}

// FinishFilter adds folded sums to dw [O, C/Groups, KH, KW].
func (p *Conv) FinishFilter(dw, folded []float32) {
	p.filter.finish(dw[:p.Weights()], folded[:p.FoldedSums()])
}

// ChannelSums is the length of the sums that AddPixels adds to.
func (m Image) ChannelSums(isa ISA) int {
	return m.C * convLanes(isa)
}

// AddPixels adds the pixels of rows from to to-1 of x [m.Len()] to sums
// [m.ChannelSums(isa)], lane by lane.
func (m Image) AddPixels(isa ISA, sums, x []float32, from, to int) {
	sums, x = sums[:m.ChannelSums(isa)], x[:m.Len()]
	for y := from; y < to; y++ {
		row := x[m.Origin()+y*m.Row():]
		pixelSums(isa, sums, row, m.C, m.W, m.Pixel())
	}
}

// AddLanes adds up the lanes of sums from AddPixels and adds the result of each
// channel to dst [m.C].
func (m Image) AddLanes(isa ISA, dst, sums []float32) {
	dst, sums = dst[:m.C], sums[:m.ChannelSums(isa)]
	laneSums(isa, dst, sums)
}
