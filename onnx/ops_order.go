package onnx

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// numbers returns operand i as numbers of rows along an axis of that extent. Negative
// ones count from the end.
func (c *call) numbers(i, extent int) (*graph.Node, error) {
	v := c.in[i]
	if v.isKnown() {
		v.known = slices.Clone(v.known)
		for k, x := range v.known {
			if x < 0 {
				v.known[k] += float64(extent)
			}
			if !(v.known[k] >= 0 && v.known[k] < float64(extent)) {
				return nil, fmt.Errorf("number %g of %d rows", x, extent)
			}
		}
	}
	return c.float(v)
}

func gather(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	axis, err := axisOf(c.int("axis", 0), len(c.in[0].shape))
	if err != nil {
		return nil, err
	}
	numbers, err := c.numbers(1, c.in[0].shape[axis])
	if err != nil {
		return nil, err
	}
	return c.viewed(c.b.Gather(x, numbers, axis))
}

func gatherElements(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	axis, err := axisOf(c.int("axis", 0), len(c.in[0].shape))
	if err != nil {
		return nil, err
	}
	numbers, err := c.numbers(1, c.in[0].shape[axis])
	if err != nil {
		return nil, err
	}
	return c.viewed(c.b.TakeAlong(x, numbers, axis))
}

func scatterElements(c *call) ([]value, error) {
	in, err := c.all(3)
	if err != nil {
		return nil, err
	}
	if c.text("reduction", "none") != "add" {
		return nil, fmt.Errorf("reduction %q: only \"add\" is supported", c.text("reduction", "none"))
	}
	axis, err := axisOf(c.int("axis", 0), len(c.in[0].shape))
	if err != nil {
		return nil, err
	}
	return c.viewed(c.b.Add(in[0], c.b.PutAlong(in[2], in[1], axis, c.in[0].shape[axis])))
}

// scatterND adds rows to those that numbers [N, 1] select.
func scatterND(c *call) ([]value, error) {
	in, err := c.all(3)
	if err != nil {
		return nil, err
	}
	s := c.in[1].shape
	if c.text("reduction", "none") != "add" || len(s) != 2 || s[1] != 1 || len(c.in[0].shape) == 0 {
		return nil, fmt.Errorf("reduction %q with numbers of shape %v: only \"add\" with [N 1] is supported", c.text("reduction", "none"), s)
	}
	rows := c.b.ScatterAdd(in[2], c.b.Reshape(in[1], s[0]), 0, c.in[0].shape[0])
	return c.viewed(c.b.Add(in[0], rows))
}

func topK(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	axis, err := axisOf(c.int("axis", -1), len(c.in[0].shape))
	if err != nil {
		return nil, err
	}
	k := []int{c.int("k", 0)}
	if c.has(1) {
		if k, err = c.in[1].ints(); err != nil {
			return nil, err
		}
	}
	if len(k) != 1 {
		return nil, fmt.Errorf("it takes %v elements", k)
	}
	least := c.int("largest", 1) == 0
	if least {
		x = c.b.Neg(x)
	}
	values, numbers := c.b.TopK(x, k[0], axis)
	if least && values != nil {
		values = c.b.Neg(values)
	}
	out, err := c.viewed(values)
	if err != nil {
		return nil, err
	}
	return append(out, value{node: numbers, shape: numbers.Shape(), whole: true}), nil
}

func cumSum(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	axes, err := c.in[1].ints()
	if err == nil && len(axes) != 1 {
		err = fmt.Errorf("it has %d axes", len(axes))
	}
	if err == nil {
		axes, err = axesOf(axes, len(c.in[0].shape))
	}
	if err != nil {
		return nil, err
	}
	axis := axes[0]
	reverse := c.int("reverse", 0) != 0
	turn := func(x *graph.Node) *graph.Node {
		if reverse && err == nil {
			x, err = sliced(c.b, x, axis, -1, -1<<31, -1)
		}
		return x
	}
	x = turn(x)
	if c.int("exclusive", 0) != 0 {
		x = c.b.CumSumExclusive(x, axis)
	} else {
		x = c.b.CumSum(x, axis)
	}
	if x = turn(x); err != nil {
		return nil, err
	}
	return c.viewed(x)
}

func argMax(c *call) ([]value, error) { return c.extreme((*graph.Builder).ArgMax) }
func argMin(c *call) ([]value, error) { return c.extreme((*graph.Builder).ArgMin) }

func (c *call) extreme(of func(*graph.Builder, *graph.Node, int) *graph.Node) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := slices.Clone(c.in[0].shape)
	axis, err := axisOf(c.int("axis", 0), len(s))
	if err != nil {
		return nil, err
	}
	if c.int("select_last_index", 0) != 0 {
		return nil, fmt.Errorf("the last of several equal elements is not supported")
	}
	y := of(c.b, x, axis)
	if s[axis] = 1; c.int("keepdims", 1) != 0 && y != nil {
		y = c.b.Reshape(y, s...)
	}
	return c.typed(y, true)
}

// oneHot takes classes to rows of two values, off and on.
func oneHot(c *call) ([]value, error) {
	label, err := c.x(0)
	if err != nil {
		return nil, err
	}
	depth, err := c.in[1].ints()
	if err != nil || len(depth) != 1 || depth[0] < 1 || depth[0] > 1<<24 {
		return nil, fmt.Errorf("it has %v classes: %w", depth, orMissing(err))
	}
	values := c.in[2]
	if !values.isKnown() || len(values.known) != 2 {
		return nil, fmt.Errorf("its values must be two numbers")
	}
	s := c.in[0].shape
	axis := c.int("axis", -1)
	if axis != -1 && axis != len(s) {
		return nil, fmt.Errorf("classes along axis %d are not supported: want the last axis", axis)
	}
	hot := c.b.Reshape(c.b.OneHot(c.b.Reshape(label, graph.Shape(s).Size()), depth[0]), append(slices.Clone(s), depth[0])...)
	off, on := values.known[0], values.known[1]
	return c.typed(c.b.Map(lower.Where(lower.Arg(0), num(on), num(off)), hot), values.whole)
}
