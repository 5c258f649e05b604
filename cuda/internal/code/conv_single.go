package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// minSingle is the least number of elements that a convolution to one channel is
// computed for one by one: fewer do not keep a GPU busy.
const minSingle = 1 << 14

// single reports whether a step is a convolution to one channel, which is then computed
// by a thread for each element. As a product with one row it would read each pixel once
// for each tap, with the index arithmetic of a tile, and use it once.
func (m *maker) single(s plan.Step, of lower.Prim) bool {
	c, ok := of.(lower.Conv)
	if !ok || c.ChannelGroups() > 1 || m.plan.Func.Shape(s.In[1])[0] > 1 {
		return false
	}
	out, err := c.Infer([]lower.Shape{m.plan.Func.Shape(s.In[0]), m.plan.Func.Shape(s.In[1])})
	return err == nil && out[0].Size() >= minSingle
}

// singleOperand is an element of the result of a convolution to one channel.
func singleOperand(c lower.Conv, from []array, in []lower.Shape) *computedOperand {
	x, w := from[0], from[1]
	g := &computedOperand{label: "conv", heavy: in[1].Size() >= 64}
	g.arrays = []array{{strides: []int{x.strides[0], 0, 0, 0}}, {strides: []int{0, 0, 1, 0}}, {strides: []int{0, 0, 0, 1}}}
	g.write = func(p *part, at []string) string {
		image, kernel := p.read(x.ref), p.read(w.ref)
		p.line("real sum = 0;")
		for axis, of := range []string{"row", "column"} {
			before := [2]int{c.Pad.Top, c.Pad.Left}[axis]
			p.line("const int %s = int(%s) * %d - %d;", of, at[1+axis], c.Stride[axis], before)
		}
		p.open("for (int c = 0; c < %d; c++)", in[0][1])
		for i := range in[1][2] {
			p.open("if (unsigned(row + %d) < %du)", i*c.Dilation[0], in[0][2])
			p.line("const real* __restrict__ from = %s + (int(%s) + c * %d + (row + %d) * %d);", image, at[0], x.strides[1], i*c.Dilation[0], x.strides[2])
			for j := range in[1][3] {
				column := fmt.Sprintf("column + %d", j*c.Dilation[1])
				p.line("if (unsigned(%s) < %du) sum += %s[c * %d + %d] * from[(%s) * %d];", column, in[0][3],
					kernel, w.strides[1], i*w.strides[2]+j*w.strides[3], column, x.strides[3])
			}
			p.close()
		}
		p.close()
		return "sum"
	}
	return g
}
