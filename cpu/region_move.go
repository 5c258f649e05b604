package cpu

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// loadOp copies images from outside the region into the group's memory.
type loadOp struct {
	x externalOperand
	y *imageBuffer
}

func (o *loadOp) run(w *regionWorker, _, _ int) {
	a := o.x.array(w.in)
	image := lower.Array[float32]{Shape: a.Shape[1:], Strides: a.Strides[1:]}
	if stride := a.Strides[0]; stride >= 0 && image.Contiguous() {
		o.y.FromNCHW(w.isa, w.at(o.y), a.Data[a.Off+w.first*stride:], w.n, stride)
		return
	}
	buf := w.at(o.y)
	for y := range o.y.H {
		for x := range o.y.W {
			for c := range o.y.C {
				to := o.y.Origin() + y*o.y.Row() + x*o.y.Pixel() + c*kernel.Group
				for n := range w.n {
					buf[to+n] = a.At(w.first+n, c, y, x)
				}
				clear(buf[to+w.n : to+kernel.Group])
			}
		}
	}
}

// storeOp copies images to a result of the region.
type storeOp struct {
	x   *imageBuffer
	out int
}

func (o *storeOp) run(w *regionWorker, _, _ int) {
	a := w.out[o.out]
	size := o.x.C * o.x.H * o.x.W
	from := a.Off + w.first*size
	o.x.ToNCHW(w.isa, a.Data[from:from+w.n*size], w.at(o.x), w.n, size)
}

// images returns the buffer of images. It loads them if they come from outside the
// region.
func (b *regionBuilder) images(v lower.Value) *imageBuffer {
	if x := b.buffers[v]; x != nil {
		return x
	}
	x := b.buffer(v)
	b.add(&regionNode{regionOp: &loadOp{b.external(v), x}, writes: []*imageBuffer{x}})
	return x
}

func (b *regionBuilder) external(v lower.Value) externalOperand {
	return externalOperand{int(b.layouts[v].Root), b.layouts[v]}
}

// stores copies images to the results of the region.
func (b *regionBuilder) stores() {
	for i, v := range b.body.Results() {
		if x := b.buffers[v]; x != nil {
			b.add(&regionNode{regionOp: &storeOp{x, i}, reads: []regionRead{allRows(x)}})
		}
	}
}

// movement describes a load or a store for the profile.
func movement(name string, x *imageBuffer, images int) vm.StepProfile {
	return vm.StepProfile{Step: fmt.Sprintf("%s [%d %d %d]", name, x.C, x.H, x.W), Bytes: int64(2 * 4 * images * x.C * x.H * x.W)}
}
