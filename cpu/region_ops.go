package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// loadOp brings images from outside into the group's memory.
type loadOp struct {
	x outside
	y *imageBuffer
}

func (o *loadOp) run(w *regionWorker, _, _ int) {
	a := o.x.array(w.in)
	size := o.y.C * o.y.H * o.y.W
	if a.Contiguous() {
		from := a.Off + w.first*size
		o.y.FromNCHW(w.isa, w.at(o.y), a.Data[from:from+w.n*size], w.n)
		return
	}
	buf := w.at(o.y)
	for y := range o.y.H {
		for x := range o.y.W {
			for c := range o.y.C {
				to := o.y.Origin() + y*o.y.Row() + x*o.y.Pixel() + c*o.y.Lanes()
				for n := range w.n {
					buf[to+n] = a.At(w.first+n, c, y, x)
				}
				clear(buf[to+w.n : to+o.y.Lanes()])
			}
		}
	}
}

// storeOp brings images to a result of the region.
type storeOp struct {
	x   *imageBuffer
	out int
}

func (o *storeOp) run(w *regionWorker, _, _ int) {
	a := w.out[o.out]
	size := o.x.C * o.x.H * o.x.W
	from := a.Off + w.first*size
	o.x.ToNCHW(w.isa, a.Data[from:from+w.n*size], w.at(o.x), w.n)
}

// haloOp makes the halo of images zero.
type haloOp struct{ x *imageBuffer }

func (o *haloOp) run(w *regionWorker, _, _ int) { o.x.ClearHalo(w.at(o.x)) }

// convolution is a planned one, of images side by side or alone.
type convolution interface {
	Weights() int
	Scratch() int
	PackForward(packed, w []float32)
	PackData(packed, w []float32)
	RunForwardRows(out, in, packed, bias []float32, relu bool, scratch []float32, from, to int)
	RunDataRows(din, dout, packed, bias []float32, relu bool, scratch []float32, from, to int)
	FilterSums() int
	RunFilter(sums, in, dout, scratch []float32)
	FinishFilter(dw, sums []float32)
}

// planConv plans a convolution for the images that it has.
func planConv(isa kernel.ISA, g kernel.ConvGeometry) (convolution, error) {
	if g.In.Alone {
		return kernel.PlanConvAlone(isa, g)
	}
	return kernel.PlanConv(isa, g)
}

// convOp is a convolution or, turned, the data gradient of one, which is also
// the transposed convolution; with a bias for each channel and a ReLU where
// these follow.
type convOp struct {
	turned  bool
	conv    convolution
	x, y    *imageBuffer
	weights outside
	bias    *channels
	relu    bool
	packed  []float32
}

func (o *convOp) prepare(in []lower.Array[float32]) {
	w := o.weights.array(in).Elements()
	if o.turned {
		o.conv.PackData(o.packed, w)
	} else {
		o.conv.PackForward(o.packed, w)
	}
}

func (o *convOp) run(w *regionWorker, from, to int) {
	if to == 0 { // not cut
		to = o.y.H
	}
	run := o.conv.RunForwardRows
	if o.turned {
		run = o.conv.RunDataRows
	}
	run(w.at(o.y), w.at(o.x), o.packed, o.bias.values(), o.relu, w.scratch, from, to)
	if o.bias != nil {
		w.clearEmpty(o.y, from, to)
	}
}

// filterOp is the filter gradient of a convolution.
type filterOp struct {
	conv  convolution
	x, dy *imageBuffer
	out   int
	sums  [][]float32 // by part
}

func (o *filterOp) clear(part int) { clear(o.sums[part]) }

func (o *filterOp) run(w *regionWorker, _, _ int) {
	o.conv.RunFilter(o.sums[w.part], w.at(o.x), w.at(o.dy), w.scratch)
}

func (o *filterOp) finish(out []lower.Array[float32], parts int) {
	dw := out[o.out].Elements()
	clear(dw)
	for _, s := range o.sums[:parts] {
		o.conv.FinishFilter(dw, s)
	}
}

// channelSumOp adds up each channel over pixels and images.
type channelSumOp struct {
	isa  kernel.ISA
	x    *imageBuffer
	out  int
	sums [][]float32 // by part
}

func (o *channelSumOp) clear(part int) { clear(o.sums[part]) }

func (o *channelSumOp) run(w *regionWorker, from, to int) {
	o.x.AddPixels(o.isa, o.sums[w.part], w.at(o.x), from, to)
}

func (o *channelSumOp) finish(out []lower.Array[float32], parts int) {
	db := out[o.out].Elements()
	clear(db)
	for _, s := range o.sums[:parts] {
		o.x.AddLanes(o.isa, db, s)
	}
}

// sumOp adds up everything, rows in float64.
type sumOp struct {
	sum  func(x []float32) float32
	x    *imageBuffer
	out  int
	sums []float64 // by part
}

func (o *sumOp) clear(part int) { o.sums[part] = 0 }

func (o *sumOp) run(w *regionWorker, from, to int) {
	for y := from; y < to; y++ {
		o.sums[w.part] += float64(o.sum(w.row(o.x, y)))
	}
}

func (o *sumOp) finish(out []lower.Array[float32], parts int) {
	total := 0.0
	for _, s := range o.sums[:parts] {
		total += s
	}
	out[o.out].Elements()[0] = float32(total)
}

// maxPoolOp takes the greatest of windows and remembers where it was.
type maxPoolOp struct {
	pool     *kernel.Pool
	x, y     *imageBuffer
	index    *imageBuffer
	positive bool // the gradient is to reach what is greater than 0 only
}

func (o *maxPoolOp) run(w *regionWorker, from, to int) {
	o.pool.MaxRows(w.at(o.y), w.at(o.index), w.at(o.x), o.positive, from, to)
}

// maxPoolGradOp brings gradients to where the greatest of windows was.
type maxPoolGradOp struct {
	pool   *kernel.Pool
	dy, dx *imageBuffer
	index  *imageBuffer
}

func (o *maxPoolGradOp) run(w *regionWorker, _, _ int) {
	o.pool.MaxGrad(w.at(o.dx), w.at(o.dy), w.at(o.index))
}

// sumPoolOp adds up windows, with a bias for each channel and a ReLU where these
// follow.
type sumPoolOp struct {
	pool  *kernel.Pool
	share kernel.Share
	x, y  *imageBuffer
	bias  *channels
	relu  bool
}

func (o *sumPoolOp) run(w *regionWorker, from, to int) {
	var bias []float32
	if o.bias != nil {
		bias = o.bias.row
	}
	o.pool.SumRows(w.at(o.y), w.at(o.x), o.share, bias, o.relu, from, to)
	if o.bias != nil {
		w.clearEmpty(o.y, from, to)
	}
}

// reluGradOp lets gradients pass where the result of a ReLU is above 0.
type reluGradOp struct {
	dx, dy, y *imageBuffer
}

func (o *reluGradOp) run(w *regionWorker, from, to int) {
	for i := from; i < to; i++ {
		kernel.ReLUGrad(w.isa, w.row(o.dx, i), w.row(o.dy, i), w.row(o.y, i))
	}
}

// spreadOp is the gradient of sumPoolOp, and repeats pixels.
type spreadOp struct {
	pool   *kernel.Pool
	share  kernel.Share
	dy, dx *imageBuffer
}

func (o *spreadOp) run(w *regionWorker, _, _ int) {
	o.pool.Spread(w.at(o.dx), w.at(o.dy), o.share)
}

// channels is an operand that has one number for each channel, or one for all.
type channels struct {
	from  outside
	pixel kernel.Image // that has these channels
	one   []float32    // by channel
	row   []float32    // for each of some pixels side by side; nil for none
}

// widen asks for the numbers of so many pixels side by side.
func (c *channels) widen(pixels int) { c.row = make([]float32, pixels*c.pixel.Pixel()) }

// values returns the number for each channel; of no operand, nil.
func (c *channels) values() []float32 {
	if c == nil {
		return nil
	}
	return c.one
}

func (c *channels) prepare(in []lower.Array[float32]) {
	a := c.from.array(in)
	for i := range c.one {
		c.one[i] = a.Data[a.Off+i*a.Strides[1]]
	}
	for i := 0; i < len(c.row); i += c.pixel.Pixel() {
		c.pixel.AtPixel(c.row[i:], c.one)
	}
}
