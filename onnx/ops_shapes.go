package onnx

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

func shapeOp(c *call) ([]value, error) {
	s := c.in[0].shape
	rank := len(s)
	bound := func(name string, unset int) int {
		v := c.int(name, unset)
		if v < 0 {
			v += rank
		}
		return max(0, min(v, rank))
	}
	from := bound("start", 0)
	s = s[from:max(from, bound("end", rank))]
	v := value{known: make([]float64, len(s)), shape: []int{len(s)}, whole: true}
	for i, n := range s {
		v.known[i] = float64(n)
	}
	return []value{v}, nil
}

func sizeOp(c *call) ([]value, error) {
	return []value{{known: []float64{float64(graph.Shape(c.in[0].shape).Size())}, shape: []int{}, whole: true}}, nil
}

func constant(c *call) ([]value, error) {
	if a := c.attribute("value"); a != nil && a.T != nil {
		v, err := c.initializer(a.T, 0)
		return []value{v}, err
	}
	for _, a := range c.n.Attributes {
		v := value{shape: []int{}}
		switch a.Name {
		case "value_float":
			v.known = []float64{float64(a.F)}
		case "value_int":
			v.known, v.whole = []float64{float64(a.I)}, true
		case "value_floats":
			for _, x := range a.Floats {
				v.known = append(v.known, float64(x))
			}
			v.shape = []int{len(v.known)}
		case "value_ints":
			for _, x := range a.Ints {
				v.known = append(v.known, float64(x))
			}
			v.shape, v.whole = []int{len(v.known)}, true
		default:
			continue
		}
		return []value{v}, nil
	}
	return nil, fmt.Errorf("it has no value that is a number")
}

// sized checks the shape of an array that is made when a graph is built.
func sized(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > mostKnown/d {
			return 0, fmt.Errorf("it makes an array of shape %v: want extents from 0, and at most %d elements", shape, mostKnown)
		}
		n *= d
	}
	return n, nil
}

func constantOfShape(c *call) ([]value, error) {
	shape, err := c.in[0].ints()
	if err != nil {
		return nil, err
	}
	n, err := sized(shape)
	if err != nil {
		return nil, err
	}
	v := value{known: make([]float64, n), shape: shape}
	if a := c.attribute("value"); a != nil && a.T != nil {
		of, err := c.initializer(a.T, 0)
		if err != nil {
			return nil, err
		}
		if len(of.known) != 1 {
			return nil, fmt.Errorf("its value has %d elements, want 1", len(of.known))
		}
		for i := range v.known {
			v.known[i] = of.known[0]
		}
		v.whole = of.whole
	}
	return []value{v}, nil
}

func rangeOp(c *call) ([]value, error) {
	var at [3]float64
	for i := range at {
		if !c.in[i].isKnown() || len(c.in[i].known) != 1 {
			return nil, fmt.Errorf("operand %q must be one number that is known when the graph is built", c.n.Inputs[i])
		}
		at[i] = c.in[i].known[0]
	}
	start, limit, step := at[0], at[1], at[2]
	n := (limit - start) / step
	if !(n <= mostKnown) {
		return nil, fmt.Errorf("a range from %g to %g by %g: want at most %d elements", start, limit, step, mostKnown)
	}
	v := value{known: []float64{}, whole: c.in[0].whole}
	for i := 0; float64(i) < n; i++ {
		v.known = append(v.known, start+float64(i)*step)
	}
	v.shape = []int{len(v.known)}
	return []value{v}, nil
}

// viewed returns a node that has the elements of operand 0.
func (c *call) viewed(n *graph.Node) ([]value, error) { return c.typed(n, c.in[0].whole) }

func reshape(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	to, err := c.list(1, "shape")
	if err != nil || to == nil {
		return nil, fmt.Errorf("its shape: %w", orMissing(err))
	}
	s := c.in[0].shape
	to = slices.Clone(to)
	for i, n := range to {
		if n == 0 && c.int("allowzero", 0) == 0 {
			if i >= len(s) {
				return nil, fmt.Errorf("axis %d of the shape %v is to be that of an array of shape %v", i, to, s)
			}
			to[i] = s[i]
		}
	}
	return c.viewed(c.b.Reshape(x, to...))
}

func orMissing(err error) error {
	if err == nil {
		err = fmt.Errorf("it is missing")
	}
	return err
}

func flatten(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	a := c.int("axis", 1)
	if a < 0 {
		a += len(s)
	}
	if a < 0 || a > len(s) {
		return nil, fmt.Errorf("axis %d is outside of shape %v", a, s)
	}
	return c.viewed(c.b.Reshape(x, graph.Shape(s[:a]).Size(), graph.Shape(s[a:]).Size()))
}

func transpose(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	perm := c.ints("perm")
	if perm == nil {
		for i := range c.in[0].shape {
			perm = append([]int{i}, perm...)
		}
	}
	if len(perm) == 0 {
		return c.viewed(x)
	}
	return c.viewed(c.b.Transpose(x, perm...))
}

func squeeze(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	axes, err := c.list(1, "axes")
	if err == nil {
		axes, err = axesOf(axes, len(s))
	}
	if err != nil {
		return nil, err
	}
	var to []int
	for i, n := range s {
		drop := slices.Contains(axes, i)
		if drop && n != 1 {
			return nil, fmt.Errorf("axis %d of shape %v is not 1", i, s)
		}
		if !drop && (len(axes) > 0 || n != 1) {
			to = append(to, n)
		}
	}
	return c.viewed(c.b.Reshape(x, to...))
}

func unsqueeze(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	axes, err := c.list(1, "axes")
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	rank := len(s) + len(axes)
	if axes, err = axesOf(axes, rank); err != nil {
		return nil, err
	}
	var to []int
	for i := range rank {
		if slices.Contains(axes, i) {
			to = append(to, 1)
			continue
		}
		to, s = append(to, s[0]), s[1:]
	}
	return c.viewed(c.b.Reshape(x, to...))
}

func concat(c *call) ([]value, error) {
	var in []value
	whole := true
	for _, v := range c.in {
		if whole = whole && v.whole; !slices.Contains(v.shape, 0) {
			in = append(in, v)
		}
	}
	if len(in) == 0 {
		return c.in[:1], nil
	}
	if !slices.ContainsFunc(in, func(v value) bool { return !v.isKnown() || len(v.shape) != 1 }) {
		v := value{whole: whole}
		for _, x := range in {
			v.known = append(v.known, x.known...)
		}
		v.shape = []int{len(v.known)}
		return []value{v}, nil
	}
	axis, err := axisOf(c.int("axis", 0), len(in[0].shape))
	if err != nil {
		return nil, err
	}
	nodes := make([]*graph.Node, len(in))
	for i, v := range in {
		if nodes[i], err = c.float(v); err != nil {
			return nil, err
		}
	}
	return c.typed(c.b.Concat(axis, nodes...), whole)
}

func split(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	axis, err := axisOf(c.int("axis", 0), len(s))
	if err != nil {
		return nil, err
	}
	sizes, err := c.list(1, "split")
	if err != nil {
		return nil, err
	}
	if sizes == nil {
		parts := len(c.n.Outputs)
		each := (s[axis] + parts - 1) / max(parts, 1)
		for left := s[axis]; parts > 0; parts-- {
			sizes = append(sizes, min(each, left))
			left -= min(each, left)
		}
	}
	var out []value
	at := 0
	for _, n := range sizes {
		v, err := c.viewed(c.b.Slice(x, axis, at, at+n))
		if err != nil {
			return nil, err
		}
		out, at = append(out, v[0]), at+n
	}
	return out, nil
}

func slice(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	starts, err := c.list(1, "starts")
	if err != nil {
		return nil, err
	}
	ends, err := c.list(2, "ends")
	if err != nil {
		return nil, err
	}
	axes, err := c.list(3, "axes")
	if err != nil {
		return nil, err
	}
	steps, err := c.list(4, "steps")
	if err != nil {
		return nil, err
	}
	if axes == nil {
		for i := range starts {
			axes = append(axes, i)
		}
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		return nil, fmt.Errorf("it has %d starts, %d ends, %d axes and %d steps", len(starts), len(ends), len(axes), len(steps))
	}
	if axes, err = axesOf(axes, len(c.in[0].shape)); err != nil {
		return nil, err
	}
	if v := c.in[0]; v.isKnown() && len(v.shape) == 1 && len(starts) == 1 && steps == nil { // may be empty
		n := len(v.known)
		at := func(k int) int {
			if k < 0 {
				k += n
			}
			return max(0, min(k, n))
		}
		from := at(starts[0])
		part := v.known[from:max(from, at(ends[0]))]
		return []value{{known: part, shape: []int{len(part)}, whole: v.whole}}, nil
	}
	for i, a := range axes {
		step := 1
		if steps != nil {
			step = steps[i]
		}
		if x, err = sliced(c.b, x, a, starts[i], ends[i], step); err != nil {
			return nil, err
		}
	}
	return c.viewed(x)
}

// sliced takes the elements from start to end, exclusively, of an axis. Negative bounds
// count from the end. A negative step goes backwards.
func sliced(b *graph.Builder, x *graph.Node, axis, start, end, step int) (*graph.Node, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	n := x.Shape()[axis]
	clamp := func(v, lo, hi int) int {
		if v < 0 {
			v += n
		}
		return max(lo, min(v, hi))
	}
	if step > 0 {
		start, end = clamp(start, 0, n), clamp(end, 0, n)
		if start >= end {
			return nil, fmt.Errorf("the slice from %d to %d of axis %d of shape %v is empty", start, end, axis, graph.Shape(x.Shape()))
		}
		return b.SliceStep(x, axis, start, end, step), b.Err()
	}
	start, end = clamp(start, -1, n-1), clamp(end, -1, n-1)
	if step == 0 || start <= end {
		return nil, fmt.Errorf("the slice from %d to %d by %d of axis %d of shape %v is empty", start, end, step, axis, graph.Shape(x.Shape()))
	}
	var numbers []float64
	for i := start; i > end; i += step {
		numbers = append(numbers, float64(i))
	}
	return b.Gather(x, b.Constant(numbers, len(numbers)), axis), b.Err()
}

func expand(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	to, err := c.in[1].ints()
	if err != nil {
		return nil, err
	}
	full, err := lower.Broadcast(c.in[0].shape, to)
	if err != nil {
		return nil, err
	}
	return c.viewed(c.b.BroadcastTo(x, full...))
}

func tile(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	times, err := c.in[1].ints()
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	if len(times) != len(s) {
		return nil, fmt.Errorf("%d repeats of an array of shape %v", len(times), s)
	}
	var from, wide, to []int // [1 n] to [times n] to [times*n], of each axis
	for i, n := range s {
		from, wide, to = append(from, 1, n), append(wide, times[i], n), append(to, times[i]*n)
	}
	if len(s) == 0 {
		return c.viewed(x)
	}
	return c.viewed(c.b.Reshape(c.b.BroadcastTo(c.b.Reshape(x, from...), wide...), to...))
}

// pad adds margins: of a number, or of the elements at the edge, or mirrored ones.
func pad(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	pads, err := c.list(1, "pads")
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	axes := make([]int, len(s))
	for i := range axes {
		axes[i] = i
	}
	if c.has(3) {
		if axes, err = c.list(3, ""); err == nil {
			axes, err = axesOf(axes, len(s))
		}
		if err != nil {
			return nil, err
		}
	}
	if len(pads) != 2*len(axes) {
		return nil, fmt.Errorf("%d margins of %d axes", len(pads), len(axes))
	}
	mode, number := c.text("mode", "constant"), c.number("value", 0)
	if c.has(2) && c.in[2].isKnown() && len(c.in[2].known) == 1 {
		number = c.in[2].known[0]
	}
	for i, axis := range axes {
		if x, err = padded(c.b, x, axis, pads[i], pads[len(axes)+i], mode, number); err != nil {
			return nil, err
		}
	}
	return c.viewed(x)
}

func padded(b *graph.Builder, x *graph.Node, axis, before, after int, mode string, number float64) (*graph.Node, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	n := x.Shape()[axis]
	if before < -n || after < -n || max(before, after) > 1<<24 {
		return nil, fmt.Errorf("margins of %d and %d on axis %d of shape %v", before, after, axis, graph.Shape(x.Shape()))
	}
	if before < 0 || after < 0 { // it cuts
		from, to := max(0, -before), n-max(0, -after)
		if from >= to {
			return nil, fmt.Errorf("margins of %d and %d on axis %d of shape %v leave nothing", before, after, axis, graph.Shape(x.Shape()))
		}
		x, before, after = b.Slice(x, axis, from, to), max(0, before), max(0, after)
		n = to - from
	}
	if before == 0 && after == 0 {
		return x, b.Err()
	}
	if mode != "constant" {
		var numbers []float64
		for i := -before; i < n+after; i++ {
			k := max(0, min(i, n-1))
			if mode == "reflect" {
				if k = max(i, -i); k > n-1 {
					k = 2*(n-1) - k
				}
			}
			if mode != "reflect" && mode != "edge" || k < 0 || k >= n {
				return nil, fmt.Errorf("mode %q with margins of %d and %d on axis %d of %d", mode, before, after, axis, n)
			}
			numbers = append(numbers, float64(k))
		}
		return b.Gather(x, b.Constant(numbers, len(numbers)), axis), b.Err()
	}
	margin := func(n int) *graph.Node {
		s := slices.Clone(x.Shape())
		s[axis] = n
		return b.BroadcastTo(b.Number(number), s...)
	}
	parts := []*graph.Node{x}
	if before > 0 {
		parts = append([]*graph.Node{margin(before)}, parts...)
	}
	if after > 0 {
		parts = append(parts, margin(after))
	}
	return b.Concat(axis, parts...), b.Err()
}

// blocked reads images [N,C,H,W] with a block size.
func (c *call) blocked() (x *graph.Node, s []int, size int, err error) {
	if x, err = c.x(0); err != nil {
		return nil, nil, 0, err
	}
	s, size = c.in[0].shape, c.int("blocksize", 0)
	return x, s, size, need(len(s) == 4 && size > 0 && size < 1<<15, "blocks of %d of shape %v", size, s)
}

func depthToSpace(c *call) ([]value, error) {
	x, s, k, err := c.blocked()
	if err != nil {
		return nil, err
	}
	if s[1]%(k*k) != 0 {
		return nil, fmt.Errorf("blocks of %d of %d channels", k, s[1])
	}
	depth := s[1] / (k * k)
	if c.text("mode", "DCR") == "CRD" {
		x = c.b.Transpose(c.b.Reshape(x, s[0], depth, k, k, s[2], s[3]), 0, 1, 4, 2, 5, 3)
	} else {
		x = c.b.Transpose(c.b.Reshape(x, s[0], k, k, depth, s[2], s[3]), 0, 3, 4, 1, 5, 2)
	}
	return c.result(c.b.Reshape(x, s[0], depth, s[2]*k, s[3]*k))
}

func spaceToDepth(c *call) ([]value, error) {
	x, s, k, err := c.blocked()
	if err != nil {
		return nil, err
	}
	if s[2]%k != 0 || s[3]%k != 0 {
		return nil, fmt.Errorf("blocks of %d of shape %v", k, s)
	}
	perm := []int{0, 3, 5, 1, 2, 4}
	if c.text("mode", "DCR") == "CRD" {
		perm = []int{0, 1, 3, 5, 2, 4}
	}
	x = c.b.Transpose(c.b.Reshape(x, s[0], s[1], s[2]/k, k, s[3]/k, k), perm...)
	return c.result(c.b.Reshape(x, s[0], s[1]*k*k, s[2]/k, s[3]/k))
}
