package code

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// computedOperand is a loop's first argument, if it is not in memory: a thread
// computes it from several elements of other arrays.
type computedOperand struct {
	label string
	// arrays locate the element: write gets its index in each of them.
	arrays []array
	// heavy says that an element takes as long as a hundred loads.
	heavy bool
	// write writes the code that computes the argument, and returns its name.
	write func(p *part, at []string) string
}

// least is the least number of elements that a thread should combine: a single one that
// takes long, but several whose blocks would else be mostly exchange.
func (c *computedOperand) least() int {
	if c != nil && c.heavy {
		return 1
	}
	return 8
}

// pooling is a pool or its gradient, of images [N, C, H, W] and windows
// [N, C, P, Q]. A thread gathers all that an element of the result needs, so no
// two threads add to the same element.
type pooling struct {
	*part
	size, stride, before [2]int
	image, windows       [2]int // extents of the two planes
	from                 []array
	names                []string // of the pointers to them
	planes               []string // where their planes begin
}

// computed writes a primitive whose elements threads compute one by one, and the loop
// that follows it.
func (m *maker) computed(prim lower.Prim, loop plan.Loop, in, out []lower.Value) error {
	reads := plan.Product{Of: prim}.Reads()
	shapes := make([]lower.Shape, reads)
	for i, v := range in[:reads] {
		shapes[i] = m.plan.Func.Shape(v)
	}
	pooled, err := prim.Infer(shapes)
	if err != nil {
		return err
	}
	shape := pooled[0]
	g, err := operandOf(prim, m.arrays(in[:reads]), shapes, shape)
	if err != nil {
		return err
	}
	l := over(loop, shape, append([]array{nowhere(shape)}, m.arrays(in[reads:])...), m.arrays(out))
	l.computedOperand = g
	return m.loops([]loopOver{l})
}

// operandOf is an element of the result of a primitive that is computed one by one.
func operandOf(prim lower.Prim, from []array, in []lower.Shape, out lower.Shape) (*computedOperand, error) {
	if c, ok := prim.(lower.Conv); ok {
		return singleOperand(c, from, in), nil
	}
	return poolOperand(prim, from, in, out)
}

// nowhere is an array that is not in memory.
func nowhere(shape lower.Shape) array {
	return array{Ref{Space: Scratch, Off: -1}, make([]int, len(shape))}
}

// poolOperand is an element of a pool's result.
func poolOperand(prim lower.Prim, from []array, in []lower.Shape, out lower.Shape) (*computedOperand, error) {
	g := &computedOperand{}
	lies := prim.Facts().Pooling
	image, windows := lies.Of(in, out)
	var body func(q *pooling) string
	y, x := "p", "q" // the result's place in its plane: a window or a cell
	switch prim := prim.(type) {
	case lower.Pool:
		g.label, body = "pool", (*pooling).greatest
	case lower.PoolAt:
		g.label, body = "pool_at", (*pooling).atGreatest
	case lower.PoolSum:
		g.label, body = "pool_sum", func(q *pooling) string { return q.sum(prim.Divisor) }
	case lower.PoolGrad:
		y, x = "y", "x"
		g.label, body = "pool_grad", (*pooling).fromGreatest
	case lower.PoolSpread:
		y, x = "y", "x"
		g.label, body = "pool_spread", func(q *pooling) string { return q.spread(prim.Divisor) }
	default:
		return nil, unknown(prim)
	}
	for _, a := range from {
		g.arrays = append(g.arrays, array{strides: []int{a.strides[0], a.strides[1], 0, 0}})
	}
	g.arrays = append(g.arrays, array{strides: []int{0, 0, 1, 0}}, array{strides: []int{0, 0, 0, 1}})
	g.write = func(p *part, at []string) string {
		q := pooling{
			part: p, size: lies.Size, stride: lies.Stride, before: [2]int{lies.Pad.Top, lies.Pad.Left},
			image: [2]int(image[2:]), windows: [2]int(windows[2:]), from: from,
		}
		for i, a := range from {
			plane := at[i]
			if slices.Min(a.strides) < 0 {
				plane = "int(" + plane + ")" // signed, since it may be negative
			}
			q.names, q.planes = append(q.names, p.read(a.ref)), append(q.planes, plane)
		}
		p.line("const int %s = %s, %s = %s;", y, at[len(from)], x, at[len(from)+1])
		p.line("const real pooled = %s;", body(&q))
		return "pooled"
	}
	return g, nil
}

// element is the element of array number k at a place in its plane.
func (q *pooling) element(k int, y, x string) string {
	s := q.from[k].strides
	return fmt.Sprintf("%s[%s + %s * %d + %s * %d]", q.names[k], q.planes[k], y, s[2], x, s[3])
}

// cells writes the range of cells in the window at p, q: rows from top to below
// bottom, columns from left to below right.
func (q *pooling) cells() {
	for a, of := range []struct{ window, low, high string }{{"p", "top", "bottom"}, {"q", "left", "right"}} {
		low := fmt.Sprintf("%s * %d", of.window, q.stride[a])
		high := fmt.Sprintf("%s + %d", low, q.size[a]-q.before[a])
		if q.before[a] > 0 {
			low = fmt.Sprintf("max(%s - %d, 0)", low, q.before[a])
		}
		if (q.windows[a]-1)*q.stride[a]+q.size[a]-q.before[a] > q.image[a] {
			high = fmt.Sprintf("min(%s, %d)", high, q.image[a])
		}
		q.line("const int %s = %s, %s = %s;", of.low, low, of.high, high)
	}
}

// eachCell opens loops over the window's cells.
func (q *pooling) eachCell(y, x string) {
	q.open("for (int %[1]s = top; %[1]s < bottom; %[1]s++)", y)
	q.open("for (int %[1]s = left; %[1]s < right; %[1]s++)", x)
}

// eachWindow opens loops over the windows that contain the cell y, x.
func (q *pooling) eachWindow() {
	for a, of := range []struct{ window, cell string }{{"p", "y"}, {"q", "x"}} {
		q.open("for (int %[1]s = max((%[2]s + %[3]d) / %[4]d, 0); %[1]s < min((%[2]s + %[5]d) / %[4]d + 1, %[6]d); %[1]s++)",
			of.window, of.cell, q.before[a]-q.size[a]+q.stride[a], q.stride[a], q.before[a], q.windows[a])
	}
}

func (q *pooling) closeBoth() {
	q.close()
	q.close()
}

// place writes the code that finds the window's maximum in the first array, at
// yy, xx: the first of equals, or the first NaN.
func (q *pooling) place() {
	q.line("real best = -infinity();")
	q.line("int yy = top, xx = left;")
	q.eachCell("v", "u")
	q.line("const real c = %s;", q.element(0, "v", "u"))
	q.open("if (c > best || (c != c && best == best))")
	q.line("best = c, yy = v, xx = u;")
	q.close()
	q.closeBoth()
}

// share is the number that a window's cells are divided by.
func (q *pooling) share(s lower.Divisor) string {
	switch s {
	case lower.ExcludePad:
		return " / ((bottom - top) * (right - left))"
	case lower.IncludePad:
		return fmt.Sprintf(" / %d", q.size[0]*q.size[1])
	}
	return ""
}

func (q *pooling) greatest() string {
	q.cells()
	q.line("real best = -infinity();")
	q.eachCell("y", "x")
	q.line("best = greater(best, %s);", q.element(0, "y", "x"))
	q.closeBoth()
	return "best"
}

func (q *pooling) atGreatest() string {
	q.cells()
	q.place()
	return q.element(1, "yy", "xx")
}

func (q *pooling) fromGreatest() string {
	q.line("real sum = 0;")
	q.eachWindow()
	q.cells()
	q.place()
	q.line("if (yy == y && xx == x) sum += %s;", q.element(1, "p", "q"))
	q.closeBoth()
	return "sum"
}

func (q *pooling) sum(s lower.Divisor) string {
	q.cells()
	q.line("real sum = 0;")
	q.eachCell("y", "x")
	q.line("sum += %s;", q.element(0, "y", "x"))
	q.closeBoth()
	return "sum" + q.share(s)
}

func (q *pooling) spread(s lower.Divisor) string {
	q.line("real sum = 0;")
	q.eachWindow()
	if s == lower.ExcludePad {
		q.cells()
	}
	q.line("sum += %s%s;", q.element(0, "p", "q"), q.share(s))
	q.closeBoth()
	return "sum"
}
