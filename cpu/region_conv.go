package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// convOp is a convolution or, if transposed, the data gradient of one, which is also
// the transposed convolution. Its epilogue is a bias per channel and a ReLU, or the
// gradient of a ReLU, if these follow.
type convOp struct {
	transposed bool
	conv       *kernel.Conv
	x, y       *imageBuffer
	weights    externalOperand
	bias       *channels
	relu       bool
	reluOutput *imageBuffer // the gradient passes where it is above 0; nil for no ReLU gradient
	packed     []float32
}

func (o *convOp) prepare(in []lower.Array[float32]) {
	w := o.weights.array(in).Elements()
	if o.transposed {
		o.conv.PackData(o.packed, w)
	} else {
		o.conv.PackForward(o.packed, w)
	}
}

func (o *convOp) run(w *regionWorker, from, to int) {
	run := o.conv.RunForward
	if o.transposed {
		run = o.conv.RunData
	}
	after := kernel.Epilogue{Bias: o.bias.values(), ReLU: o.relu}
	if o.reluOutput != nil {
		after.ReLUOutput = w.at(o.reluOutput)
	}
	run(w.at(o.y), w.at(o.x), o.packed, after, w.scratch, from, to)
	if o.bias != nil {
		w.clearEmpty(o.y, from, to)
	}
}

// filterOp is the filter gradient of a convolution.
type filterOp struct {
	conv  *kernel.Conv
	add   func(dst, x, y []float32)
	x, dy *imageBuffer
	out   int
	sums  [][]float32 // by worker; nil if there is nothing to fold
	parts [][]float32 // by part, folded
}

// at returns the sums that the worker adds to.
func (o *filterOp) at(w *regionWorker) []float32 {
	if o.sums == nil {
		return o.parts[w.part]
	}
	return o.sums[w.id]
}

func (o *filterOp) begin(w *regionWorker) { clear(o.at(w)) }

func (o *filterOp) run(w *regionWorker, _, _ int) {
	o.conv.RunFilter(o.at(w), w.at(o.x), w.at(o.dy), w.scratch)
}

func (o *filterOp) end(w *regionWorker) {
	if o.sums != nil {
		clear(o.parts[w.part])
		o.conv.FoldFilter(o.parts[w.part], o.sums[w.id])
	}
}

func (o *filterOp) finish(out []lower.Array[float32]) {
	for _, p := range o.parts[1:] {
		o.add(o.parts[0], o.parts[0], p)
	}
	dw := out[o.out].Elements()
	clear(dw)
	o.conv.FinishFilter(dw, o.parts[0])
}

// conv adds a convolution of x by w or, if transposed, the data gradient, with a
// bias, ReLU or ReLU gradient that follows it.
func (b *regionBuilder) conv(transposed bool, g lower.Geometry, in []lower.Value, out lower.Value) {
	kernels := [2]int(b.body.Shape(in[1])[2:])
	o := &convOp{transposed: transposed, x: b.images(in[0]), weights: b.external(in[1])}
	var reads []regionRead
	if reluOutput, result := b.reluGrad(out); reluOutput != nil {
		o.reluOutput, out = reluOutput, result
		reads = append(reads, sameRows(reluOutput))
	} else {
		o.bias, o.relu, out = b.biasAndReLU(out)
	}
	o.y = b.buffer(out)
	if o.reluOutput != nil {
		b.sameHalo(o.y, o.reluOutput)
	}
	small, large := o.y, o.x
	rows := func(to int) int { return (to-1)*g.Stride[0] + (kernels[0]-1)*g.Dilation[0] - g.Pad.Top + 1 }
	if transposed {
		small, large = o.x, o.y
		rows = func(to int) int { return (to-1+g.Pad.Top)/g.Stride[0] + 1 }
	}
	in0, out0 := geometry(g, kernels, large, small).Halos()
	if transposed {
		o.x.pad(out0)
		o.y.need(in0) // the forward convolution would read it
	} else {
		o.x.pad(in0)
	}
	b.prologues = append(b.prologues, o)
	b.add(&regionNode{
		regionOp: o, rows: o.y.H, writes: []*imageBuffer{o.y},
		reads: append(reads, regionRead{o.x, func(to int) int { return min(max(rows(to), 0), o.x.H) }}),
		plan: func() (err error) {
			o.conv, err = kernel.PlanConv(b.isa, geometry(g, kernels, large, small))
			if err == nil {
				o.packed = make([]float32, o.conv.Weights())
				b.scratch = max(b.scratch, o.conv.Scratch())
			}
			return err
		},
	})
}

// geometry describes a convolution from large images to small ones.
func geometry(g lower.Geometry, kernels [2]int, large, small *imageBuffer) kernel.ConvGeometry {
	return kernel.ConvGeometry{
		In: large.Image, Out: small.Image,
		Kernel: kernels, Stride: g.Stride, Dilation: g.Dilation, Pad: [2]int{g.Pad.Top, g.Pad.Left}, Groups: g.Groups,
	}
}

// filter adds a filter gradient.
func (b *regionBuilder) filter(p lower.ConvFilter, in []lower.Value, out lower.Value) {
	o := &filterOp{add: b.vector.Binary[kernel.OpAdd], x: b.images(in[0]), dy: b.images(in[1]), out: b.result(out)}
	need, _ := geometry(p.Geometry, p.Kernel, o.x, o.dy).Halos()
	o.x.pad(need)
	b.accumulators = append(b.accumulators, o)
	b.add(&regionNode{
		regionOp: o, reads: []regionRead{allRows(o.x), allRows(o.dy)},
		plan: func() (err error) {
			if o.conv, err = kernel.PlanConv(b.isa, geometry(p.Geometry, p.Kernel, o.x, o.dy)); err == nil {
				b.scratch = max(b.scratch, o.conv.Scratch())
				o.parts = arrays(b.parts, o.conv.FoldedSums())
				if o.conv.FoldedSums() != o.conv.FilterSums() {
					o.sums = arrays(len(b.worker), o.conv.FilterSums())
				}
			}
			return err
		},
	})
}
