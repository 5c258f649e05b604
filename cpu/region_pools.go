package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// pooling tells poolings apart.
type pooling struct {
	x lower.Value
	w lower.Window
}

// sumPoolOp adds up windows, with a bias for each channel and a ReLU where these
// follow.
type sumPoolOp struct {
	pool  *kernel.Pool
	share kernel.Divisor
	x, y  *imageBuffer
	bias  *channels
	relu  bool
}

func (o *sumPoolOp) run(w *regionWorker, from, to int) {
	var bias []float32
	if o.bias != nil {
		bias = o.bias.row
	}
	o.pool.Sum(w.at(o.y), w.at(o.x), o.share, bias, o.relu, from, to)
	if o.bias != nil {
		w.clearEmpty(o.y, from, to)
	}
}

// spreadOp is the gradient of sumPoolOp, and repeats pixels.
type spreadOp struct {
	pool   *kernel.Pool
	share  kernel.Divisor
	dy, dx *imageBuffer
}

func (o *spreadOp) run(w *regionWorker, _, _ int) {
	o.pool.Spread(w.at(o.dx), w.at(o.dy), o.share)
}

// poolOf plans the windows over large images, of which small has a pixel each.
func (b *regionBuilder) poolOf(w lower.Window, large, small *imageBuffer) (*kernel.Pool, error) {
	return kernel.PlanPool(b.isa, kernel.PoolGeometry{
		In: large.Image, Out: small.Image,
		Size: w.Size, Stride: w.Stride, Pad: [2]int{w.Pad.Top, w.Pad.Left},
	})
}

// windowRows says up to which row windows read.
func windowRows(w lower.Window, x *imageBuffer) regionRead {
	return regionRead{x, func(to int) int { return min(max((to-1)*w.Stride[0]+w.Size[0]-w.Pad.Top, 0), x.H) }}
}

// sumPool adds sums over windows, and what follows them if that is a bias or a
// ReLU.
func (b *regionBuilder) sumPool(w lower.Window, share lower.Divisor, x, out lower.Value) {
	o := &sumPoolOp{share: shares[share], x: b.images(x)}
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
func (b *regionBuilder) spread(w lower.Window, share lower.Divisor, g, out lower.Value) {
	o := &spreadOp{share: shares[share], dy: b.images(g), dx: b.buffer(out)}
	b.add(&regionNode{
		regionOp: o, writes: []*imageBuffer{o.dx}, reads: []regionRead{allRows(o.dy)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.dx, o.dy)
			return err
		},
	})
}

// shares are the kernels' names of shares.
var shares = [...]kernel.Divisor{
	lower.ExcludePad: kernel.ExcludePad,
	lower.IncludePad: kernel.IncludePad,
	lower.NoDivisor:  kernel.NoDivisor,
}
