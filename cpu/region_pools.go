package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// pooling identifies a pooling.
type pooling struct {
	x lower.Value
	w lower.Window
}

// sumPoolOp sums windows. Its epilogue is a bias per channel and a ReLU, if these
// follow.
type sumPoolOp struct {
	pool    *kernel.Pool
	divisor kernel.Divisor
	x, y    *imageBuffer
	bias    *channels
	relu    bool
}

func (o *sumPoolOp) run(w *regionWorker, from, to int) {
	var bias []float32
	if o.bias != nil {
		bias = o.bias.row
	}
	o.pool.Sum(w.at(o.y), w.at(o.x), o.divisor, bias, o.relu, from, to)
	if o.bias != nil {
		w.clearEmpty(o.y, from, to)
	}
}

// spreadOp is the gradient of sumPoolOp. It also repeats pixels.
type spreadOp struct {
	pool    *kernel.Pool
	divisor kernel.Divisor
	dy, dx  *imageBuffer
}

func (o *spreadOp) run(w *regionWorker, _, _ int) {
	o.pool.Spread(w.at(o.dx), w.at(o.dy), o.divisor)
}

// poolOf plans windows over large images. small has one pixel per window.
func (b *regionBuilder) poolOf(w lower.Window, large, small *imageBuffer) (*kernel.Pool, error) {
	return kernel.PlanPool(b.isa, kernel.PoolGeometry{
		In: large.Image, Out: small.Image,
		Size: w.Size, Stride: w.Stride, Pad: [2]int{w.Pad.Top, w.Pad.Left},
	})
}

// windowRows is the rows of x that windows read.
func windowRows(w lower.Window, x *imageBuffer) regionRead {
	return regionRead{x, func(to int) int { return min(max((to-1)*w.Stride[0]+w.Size[0]-w.Pad.Top, 0), x.H) }}
}

// sumPool adds sums over windows, with a bias or a ReLU that follows.
func (b *regionBuilder) sumPool(w lower.Window, divisor lower.Divisor, x, out lower.Value) {
	o := &sumPoolOp{divisor: divisors[divisor], x: b.images(x)}
	o.bias, o.relu, out = b.biasAndReLU(out)
	o.y = b.buffer(out)
	if o.bias != nil {
		o.bias.widen(1)
	}
	b.add(&regionNode{
		regionOp: o, rows: o.y.H, writes: []*imageBuffer{o.y}, reads: []regionRead{windowRows(w, o.x)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.x, o.y)
			return err
		},
	})
}

// spread adds the gradient of sums over windows.
func (b *regionBuilder) spread(w lower.Window, divisor lower.Divisor, g, out lower.Value) {
	o := &spreadOp{divisor: divisors[divisor], dy: b.images(g), dx: b.buffer(out)}
	b.add(&regionNode{
		regionOp: o, writes: []*imageBuffer{o.dx}, reads: []regionRead{allRows(o.dy)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.dx, o.dy)
			return err
		},
	})
}

// divisors are the kernels' divisors, by those of package lower.
var divisors = [...]kernel.Divisor{
	lower.ExcludePad: kernel.ExcludePad,
	lower.IncludePad: kernel.IncludePad,
	lower.NoDivisor:  kernel.NoDivisor,
}
