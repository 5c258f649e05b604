package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// mapOp applies an expression to images, pixel by pixel.
type mapOp struct {
	vector *kernel.Vector[float32]
	code   *loopCode[float32]
	x      []mapOperand
	y      *imageBuffer
	reg    [][][]float32 // by worker: operands, the result, temporaries
}

// mapOperand is images, or numbers per channel.
type mapOperand struct {
	images   *imageBuffer
	channels *channels
}

// elements adds an elementwise step. The result overwrites an operand that nothing
// else reads, if there is one.
func (b *regionBuilder) elements(p lower.Map, in []lower.Value, out lower.Value) {
	o := &mapOp{vector: b.vector}
	n := &regionNode{regionOp: o}
	one := make([]bool, len(in))
	over := -1
	for i, v := range in {
		if c := b.channels(v); c != nil {
			if one[i] = len(c.one) == 1; !one[i] {
				c.widen(b.body.Shape(v)[3])
			}
			o.x = append(o.x, mapOperand{channels: c})
			continue
		}
		x := b.images(v)
		o.x = append(o.x, mapOperand{images: x})
		n.reads = append(n.reads, sameRows(x))
		if len(b.readers[v]) == 1 && over < 0 {
			over = i
		}
	}
	o.y = b.buffer(out)
	if over >= 0 {
		o.y.alias = o.x[over].images
	}
	n.rows, n.writes = o.y.H, []*imageBuffer{o.y}
	b.add(n)
	if y, dy, ok := isReLUGrad(p.Expr); ok && o.x[y].images != nil && o.x[dy].images != nil {
		n.regionOp = &reluGradOp{o.y, o.x[dy].images, o.x[y].images}
		return
	}
	o.code = compileLoop(b.vector, []lower.Expr{p.Expr}, one, []bool{true}, func(_, operand int) bool { return operand == over })
	b.scratch = max(b.scratch, o.code.temps*loopBlock)
	b.prologues = append(b.prologues, o)
	for range b.worker {
		o.reg = append(o.reg, make([][]float32, len(in)+1+o.code.temps))
	}
}

func (o *mapOp) prepare(in []lower.Array[float32]) {
	for i, at := range o.code.scalarOf {
		if at >= 0 {
			a := o.x[i].channels.from.array(in)
			o.code.scalars[at] = a.Data[a.Off]
		}
	}
	o.code.runPrelude()
}

func (o *mapOp) run(w *regionWorker, from, to int) {
	reg, n := o.reg[w.id], o.y.W*o.y.Pixel()
	for y := from; y < to; y++ {
		for at := 0; at < n; at += loopBlock {
			size := min(loopBlock, n-at)
			for i, x := range o.x {
				switch {
				case x.images != nil:
					reg[i] = w.row(x.images, y)[at : at+size]
				case x.channels.row != nil:
					reg[i] = x.channels.row[at : at+size]
				}
			}
			dst := w.row(o.y, y)[at : at+size]
			reg[len(o.x)] = dst
			for i := range o.code.temps {
				reg[len(o.x)+1+i] = w.scratch[i*loopBlock : i*loopBlock+size]
			}
			o.code.run(o.vector, reg)
			if o.code.deferredStore[0] {
				o.vector.Copy(dst, reg[o.code.result[0]])
			}
		}
	}
	w.clearEmpty(o.y, from, to)
}

// reluGradOp passes gradients where the result of a ReLU is above 0.
type reluGradOp struct {
	dx, dy, y *imageBuffer
}

func (o *reluGradOp) run(w *regionWorker, from, to int) {
	for i := from; i < to; i++ {
		kernel.ReLUGrad(w.isa, w.row(o.dx, i), w.row(o.dy, i), w.row(o.y, i))
	}
}

// reluGrad looks for an elementwise step that alone reads dy and lets it pass where
// images y of the region are above 0. It returns y and the step's result. The caller
// computes that result in place of dy. If there is no such step, y is nil.
func (b *regionBuilder) reluGrad(dy lower.Value) (y *imageBuffer, out lower.Value) {
	step, m, ok := b.soleReader(dy)
	if !ok {
		return nil, dy
	}
	s := b.body.Steps()[step]
	output, gradient, ok := isReLUGrad(m.Expr)
	if !ok || s.In[gradient] != dy || b.buffers[s.In[output]] == nil {
		return nil, dy
	}
	b.done[step] = true
	return b.buffers[s.In[output]], s.Out[0]
}
