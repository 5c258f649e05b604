package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// pooling writes a pool or its gradient. A thread computes one element of the
// result, and gathers what it needs, so that nothing is added by two threads.
type pooling struct {
	*part
	size, stride, before [2]int
	image, windows       [2]int // extents of the two planes
	planes               []axis // all but the two last axes, over the arrays
	at                   []string
}

// newPooling begins a part for each element of shape [N, C, H, W]. y and x, or p
// and q if result is a plane of windows, are its place in the plane.
func (m *maker) newPooling(word string, w lower.Window, image, windows, result lower.Shape, y, x string, arrays ...array) *pooling {
	n := result.Size()
	p := &pooling{
		part: newPart(word, ceil(n, threads)), size: w.Size, stride: w.Stride, before: [2]int{w.Pad.Top, w.Pad.Left},
		image: [2]int{image[2], image[3]}, windows: [2]int{windows[2], windows[3]},
	}
	p.n = n
	planes := make([]array, len(arrays))
	for i, a := range arrays {
		planes[i].strides = a.strides[:2]
	}
	p.planes = axesOf(result[:2], planes)
	none := make([]int, len(arrays))
	p.line("const unsigned i = block * %du + threadIdx.x;", threads)
	p.line("if (i >= n) return;")
	p.at = coordinates(&p.text, append(p.planes[:len(p.planes):len(p.planes)], axis{result[2], none}, axis{result[3], none}), "i", all)
	last := len(p.at) - 2
	p.line("const int %s = %s, %s = %s;", y, p.at[last], x, p.at[last+1])
	return p
}

// plane is where the plane of array number k begins.
func (p *pooling) plane(k int) string { return index(k, p.planes, p.at[:len(p.planes)]) }

// element is the element of array number k at a place in its plane.
func (p *pooling) element(k int, a array, y, x string) string {
	return fmt.Sprintf("%s + %s * %d + %s * %d", p.plane(k), y, a.strides[2], x, a.strides[3])
}

// cells writes the cells that the window at p, q has: rows from top to below
// bottom, columns from left to below right.
func (p *pooling) cells() {
	for a, of := range []struct{ window, low, high string }{{"p", "top", "bottom"}, {"q", "left", "right"}} {
		low := fmt.Sprintf("%s * %d", of.window, p.stride[a])
		high := fmt.Sprintf("%s + %d", low, p.size[a]-p.before[a])
		if p.before[a] > 0 {
			low = fmt.Sprintf("max(%s - %d, 0)", low, p.before[a])
		}
		if (p.windows[a]-1)*p.stride[a]+p.size[a]-p.before[a] > p.image[a] {
			high = fmt.Sprintf("min(%s, %d)", high, p.image[a])
		}
		p.line("const int %s = %s, %s = %s;", of.low, low, of.high, high)
	}
}

// eachCell opens loops over the window's cells.
func (p *pooling) eachCell(y, x string) {
	p.open("for (int %[1]s = top; %[1]s < bottom; %[1]s++)", y)
	p.open("for (int %[1]s = left; %[1]s < right; %[1]s++)", x)
}

// eachWindow opens loops over the windows that have the cell y, x.
func (p *pooling) eachWindow() {
	for a, of := range []struct{ window, cell string }{{"p", "y"}, {"q", "x"}} {
		p.open("for (int %[1]s = max((%[2]s + %[3]d) / %[4]d, 0); %[1]s < min((%[2]s + %[5]d) / %[4]d + 1, %[6]d); %[1]s++)",
			of.window, of.cell, p.before[a]-p.size[a]+p.stride[a], p.stride[a], p.before[a], p.windows[a])
	}
}

// place writes which cell of the window is the greatest of array number k: the
// first of equals, or the first NaN, at yy, xx.
func (p *pooling) place(k int, a array, from string) {
	p.line("real best = -infinity();")
	p.line("int yy = top, xx = left;")
	p.eachCell("v", "u")
	p.line("const real c = %s[%s];", from, p.element(k, a, "v", "u"))
	p.open("if (c > best || (c != c && best == best))")
	p.line("best = c, yy = v, xx = u;")
	p.close()
	p.close()
	p.close()
}

// share is what a window's cells are divided by.
func (p *pooling) share(s lower.Share) string {
	switch s {
	case lower.ShareOfImage:
		return " / ((bottom - top) * (right - left))"
	case lower.ShareOfAll:
		return fmt.Sprintf(" / %d", p.size[0]*p.size[1])
	}
	return ""
}

func (m *maker) pool(s plan.Step, prim lower.Pool) error {
	in, out, arrays := m.images(s)
	p := m.newPooling("pool", prim.Window, in[0], out, out, "p", "q", arrays...)
	p.cells()
	p.line("real best = -infinity();")
	p.eachCell("y", "x")
	p.line("best = greater(best, %s[%s]);", p.read(arrays[0].ref), p.element(0, arrays[0], "y", "x"))
	p.close()
	p.close()
	return m.finish(p, s, "best")
}

func (m *maker) poolAt(s plan.Step, prim lower.PoolAt) error {
	in, out, arrays := m.images(s)
	p := m.newPooling("pool_at", prim.Window, in[0], out, out, "p", "q", arrays...)
	p.cells()
	p.place(0, arrays[0], p.read(arrays[0].ref))
	return m.finish(p, s, fmt.Sprintf("%s[%s]", p.read(arrays[1].ref), p.element(1, arrays[1], "yy", "xx")))
}

func (m *maker) poolGrad(s plan.Step, prim lower.PoolGrad) error {
	in, out, arrays := m.images(s)
	p := m.newPooling("pool_grad", prim.Window, in[0], in[1], out, "y", "x", arrays...)
	from, given := p.read(arrays[0].ref), p.read(arrays[1].ref)
	p.line("real sum = 0;")
	p.eachWindow()
	p.cells()
	p.place(0, arrays[0], from)
	p.line("if (yy == y && xx == x) sum += %s[%s];", given, p.element(1, arrays[1], "p", "q"))
	p.close()
	p.close()
	return m.finish(p, s, "sum")
}

func (m *maker) poolSum(s plan.Step, prim lower.PoolSum) error {
	in, out, arrays := m.images(s)
	p := m.newPooling("pool_sum", prim.Window, in[0], out, out, "p", "q", arrays...)
	p.cells()
	p.line("real sum = 0;")
	p.eachCell("y", "x")
	p.line("sum += %s[%s];", p.read(arrays[0].ref), p.element(0, arrays[0], "y", "x"))
	p.close()
	p.close()
	return m.finish(p, s, "sum"+p.share(prim.Share))
}

func (m *maker) poolSpread(s plan.Step, prim lower.PoolSpread) error {
	in, out, arrays := m.images(s)
	p := m.newPooling("pool_spread", prim.Window, out, in[0], out, "y", "x", arrays...)
	given := p.read(arrays[0].ref)
	p.line("real sum = 0;")
	p.eachWindow()
	if prim.Share == lower.ShareOfImage {
		p.cells()
	}
	p.line("sum += %s[%s]%s;", given, p.element(0, arrays[0], "p", "q"), p.share(prim.Share))
	p.close()
	p.close()
	return m.finish(p, s, "sum")
}

// images returns the shapes and the arrays of a step's operands, and the shape
// of its result.
func (m *maker) images(s plan.Step) (in []lower.Shape, out lower.Shape, arrays []array) {
	for _, v := range s.In {
		in = append(in, m.plan.Func.Shape(v))
		arrays = append(arrays, arrayOf(m.plan.Values[v]))
	}
	return in, m.plan.Func.Shape(s.Out[0]), arrays
}

// finish writes the value of the thread's element.
func (m *maker) finish(p *pooling, s plan.Step, value string) error {
	p.line("%s[i] = %s;", p.write(RefOf(m.plan.Values[s.Out[0]])), value)
	m.launch(p.part)
	return nil
}
