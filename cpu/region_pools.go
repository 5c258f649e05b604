package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

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

// maxPool adds a max pooling of x, which remembers the places for its gradient.
func (b *regionBuilder) maxPool(w lower.Window, x lower.Value, y *imageBuffer) *maxPoolOp {
	o := &maxPoolOp{x: b.images(x), y: y, index: &imageBuffer{Image: y.Image}}
	b.pools[pooling{x, w}] = o
	b.alike(o.y, o.index)
	b.add(&regionNode{
		regionOp: o, rows: o.y.H, writes: []*imageBuffer{o.y, o.index}, reads: []regionRead{windowRows(w, o.x)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.x, o.y)
			return err
		},
	})
	return o
}

// maxPoolGrad adds the gradient of a max pooling. Where nothing but the gradient
// of a ReLU reads it, and the pooled images come from that ReLU, that is done
// too: it lets pass what goes to pixels above 0.
func (b *regionBuilder) maxPoolGrad(w lower.Window, x, g, out lower.Value) {
	forward := b.pools[pooling{x, w}]
	if forward == nil { // of another region: pool again, for the places
		forward = b.maxPool(w, x, &imageBuffer{Image: b.image(g)})
	}
	if step, ok := b.poolReLUGrad(x, out); ok && b.onlyGrad(w, x) {
		forward.positive = true
		b.done[step] = true
		out = b.body.Steps()[step].Out[0]
	}
	o := &maxPoolGradOp{dy: b.images(g), index: forward.index}
	o.dx = b.buffer(out)
	b.alike(o.dy, o.index)
	b.add(&regionNode{
		regionOp: o, writes: []*imageBuffer{o.dx}, reads: []regionRead{whole(o.dy), whole(o.index)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.dx, o.dy)
			return err
		},
	})
}

// poolReLUGrad finds the step that is the only one to read g and is g where
// x > 0, else 0; x has to be the result of a ReLU.
func (b *regionBuilder) poolReLUGrad(x, g lower.Value) (step int, ok bool) {
	made, inside := b.made[x]
	if !inside {
		return 0, false
	}
	if m, ok := b.body.Steps()[made].Prim.(lower.Map); !ok || !isReLU(m.Expr) {
		return 0, false
	}
	step, m, ok := b.only(g)
	if !ok {
		return 0, false
	}
	y, dy, ok := isReLUGrad(m.Expr)
	in := b.body.Steps()[step].In
	return step, ok && in[y] == x && in[dy] == g
}

// isReLUGrad reports whether an expression is dy where y > 0, else 0, and which
// arguments these are.
func isReLUGrad(e lower.Expr) (y, dy int, ok bool) {
	if e.Fn() != lower.FnMul || e.Operands()[0].Fn() != lower.FnLess || e.Operands()[1].Fn() != lower.FnArg {
		return 0, 0, false
	}
	less := e.Operands()[0].Operands()
	if less[0].Fn() != lower.FnNum || less[0].Value() != 0 || less[1].Fn() != lower.FnArg {
		return 0, 0, false
	}
	return less[1].Index(), e.Operands()[1].Index(), true
}

// onlyGrad reports whether a pooling has one gradient.
func (b *regionBuilder) onlyGrad(w lower.Window, x lower.Value) bool {
	n := 0
	for _, i := range b.readers[x] {
		if i < 0 {
			continue
		}
		if p, ok := b.body.Steps()[i].Prim.(lower.PoolGrad); ok && p.Window == w {
			n++
		}
	}
	return n == 1
}

// sumPool adds sums over windows, and what follows them if that is a bias or a
// ReLU.
func (b *regionBuilder) sumPool(w lower.Window, share lower.Share, x, out lower.Value) {
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
func (b *regionBuilder) spread(w lower.Window, share lower.Share, g, out lower.Value) {
	o := &spreadOp{share: shares[share], dy: b.images(g), dx: b.buffer(out)}
	b.add(&regionNode{
		regionOp: o, writes: []*imageBuffer{o.dx}, reads: []regionRead{whole(o.dy)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.dx, o.dy)
			return err
		},
	})
}

// shares are the kernels' names of shares.
var shares = [...]kernel.Share{
	lower.ShareOfImage: kernel.MeanOfImage,
	lower.ShareOfAll:   kernel.MeanOfAll,
	lower.ShareWhole:   kernel.Whole,
}
