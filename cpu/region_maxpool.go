package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// maxPoolOp computes the maximum of each window and its index.
type maxPoolOp struct {
	pool     *kernel.Pool
	x, y     *imageBuffer
	index    *imageBuffer
	positive bool // the gradient passes only to maxima above 0
}

func (o *maxPoolOp) run(w *regionWorker, from, to int) {
	o.pool.Max(w.at(o.y), w.at(o.index), w.at(o.x), o.positive, from, to)
}

// maxPoolGradOp adds each window's gradient where the maximum was.
type maxPoolGradOp struct {
	pool   *kernel.Pool
	dy, dx *imageBuffer
	index  *imageBuffer
}

func (o *maxPoolGradOp) run(w *regionWorker, _, _ int) {
	o.pool.MaxGrad(w.at(o.dx), w.at(o.dy), w.at(o.index))
}

// maxPool adds a max pooling of x. It stores the indices that the gradient reads.
func (b *regionBuilder) maxPool(w lower.Window, x lower.Value, y *imageBuffer) *maxPoolOp {
	o := &maxPoolOp{x: b.images(x), y: y, index: &imageBuffer{Image: y.Image}}
	b.pools[pooling{x, w}] = o
	b.sameHalo(o.y, o.index)
	b.add(&regionNode{
		regionOp: o, rows: o.y.H, writes: []*imageBuffer{o.y, o.index}, reads: []regionRead{windowRows(w, o.x)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.x, o.y)
			return err
		},
	})
	return o
}

// maxPoolGrad adds the gradient of a max pooling. If only the gradient of a ReLU
// reads it, and the pooled images are that ReLU's result, it includes that gradient:
// it passes only to pixels above 0.
func (b *regionBuilder) maxPoolGrad(w lower.Window, x, g, out lower.Value) {
	forward := b.pools[pooling{x, w}]
	if forward == nil { // x was pooled in another region: pool again for the indices
		forward = b.maxPool(w, x, &imageBuffer{Image: b.image(g)})
	}
	if step, ok := b.poolReLUGrad(x, out); ok && b.onlyGrad(w, x) {
		forward.positive = true
		b.done[step] = true
		out = b.body.Steps()[step].Out[0]
	}
	o := &maxPoolGradOp{dy: b.images(g), index: forward.index}
	o.dx = b.buffer(out)
	b.sameHalo(o.dy, o.index)
	b.add(&regionNode{
		regionOp: o, writes: []*imageBuffer{o.dx}, reads: []regionRead{allRows(o.dy), allRows(o.index)},
		plan: func() (err error) {
			o.pool, err = b.poolOf(w, o.dx, o.dy)
			return err
		},
	})
}

// poolReLUGrad finds the step that alone reads g and lets it pass where x is above 0.
// x must be the result of a ReLU.
func (b *regionBuilder) poolReLUGrad(x, g lower.Value) (step int, ok bool) {
	producer, inside := b.producer[x]
	if !inside {
		return 0, false
	}
	if m, ok := b.body.Steps()[producer].Prim.(lower.Map); !ok || !isReLU(m.Expr) {
		return 0, false
	}
	step, m, ok := b.soleReader(g)
	if !ok {
		return 0, false
	}
	y, dy, ok := isReLUGrad(m.Expr)
	in := b.body.Steps()[step].In
	return step, ok && in[y] == x && in[dy] == g
}

// onlyGrad reports whether a pooling has exactly one gradient.
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
