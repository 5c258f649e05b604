package onnx

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// reduction is an op that combines elements along axes.
func (c *call) reduction(of func(x *graph.Node, axes []int, n int) *graph.Node) ([]value, error) {
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
	if len(axes) == 0 {
		if c.int("noop_with_empty_axes", 0) != 0 {
			return c.viewed(x)
		}
		for i := range s {
			axes = append(axes, i)
		}
	}
	n, drop := 1, map[int]bool{}
	for _, a := range axes {
		n, drop[a] = n*s[a], true
	}
	y := of(x, axes, n)
	if c.int("keepdims", 1) == 0 {
		var to []int
		for i, d := range s {
			if !drop[i] {
				to = append(to, d)
			}
		}
		y = c.b.Reshape(y, to...)
	}
	return c.viewed(y)
}

// sum adds up x along axes, which stay.
func sum(b *graph.Builder, x *graph.Node, axes []int) *graph.Node {
	if len(axes) == 0 {
		return x
	}
	return b.SumKeep(x, axes...)
}

// greatest is the maximum of x along axes, which stay.
func greatest(b *graph.Builder, x *graph.Node, axes []int) *graph.Node {
	if len(axes) == 0 {
		return x
	}
	return b.MaxKeep(x, axes...)
}

func reduceSum(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node { return sum(c.b, x, axes) })
}

func reduceMean(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node { return c.b.Scale(sum(c.b, x, axes), 1/float64(n)) })
}

func reduceMax(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node { return greatest(c.b, x, axes) })
}

func reduceMin(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node {
		return c.b.Neg(greatest(c.b, c.b.Neg(x), axes))
	})
}

func reduceL1(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node { return sum(c.b, c.b.Abs(x), axes) })
}

func reduceL2(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node { return c.b.Sqrt(sum(c.b, c.b.Square(x), axes)) })
}

func reduceSumSquare(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node { return sum(c.b, c.b.Square(x), axes) })
}

func reduceLogSumExp(c *call) ([]value, error) {
	return c.reduction(func(x *graph.Node, axes []int, n int) *graph.Node {
		most := greatest(c.b, x, axes)
		return c.b.Add(most, c.b.Log(sum(c.b, c.b.Exp(c.b.Sub(x, most)), axes)))
	})
}

// reduceProd multiplies numbers that are known, such as the extents of a shape.
func reduceProd(c *call) ([]value, error) {
	v := c.in[0]
	if !v.isKnown() || len(v.shape) > 1 {
		return nil, fmt.Errorf("it is supported for a vector that is known when the graph is built, such as a shape")
	}
	p := 1.0
	for _, x := range v.known {
		p *= x
	}
	shape := []int{1}
	if c.int("keepdims", 1) == 0 || len(v.shape) == 0 {
		shape = []int{}
	}
	return []value{{known: []float64{p}, shape: shape, whole: v.whole}}, nil
}

func softmax(c *call) ([]value, error)    { return c.softmaxOf((*graph.Builder).Softmax) }
func logSoftmax(c *call) ([]value, error) { return c.softmaxOf((*graph.Builder).LogSoftmax) }

// softmaxOf applies along an axis. Before version 13 it is along all axes from the given
// one on.
func (c *call) softmaxOf(of func(*graph.Builder, *graph.Node, int) *graph.Node) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	unset := -1
	if c.version < 13 {
		unset = 1
	}
	axis, err := axisOf(c.int("axis", unset), len(s))
	if err != nil {
		return nil, err
	}
	if c.version >= 13 {
		return c.result(of(c.b, x, axis))
	}
	flat := c.b.Reshape(x, graph.Shape(s[:axis]).Size(), graph.Shape(s[axis:]).Size())
	return c.result(c.b.Reshape(of(c.b, flat, 1), s...))
}

func lpNorm(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	axis, err := axisOf(c.int("axis", -1), len(c.in[0].shape))
	if err != nil {
		return nil, err
	}
	norm := c.b.Abs(x)
	if p := c.int("p", 2); p == 2 {
		norm = c.b.Sqrt(c.b.SumKeep(c.b.Square(x), axis))
	} else {
		norm = c.b.SumKeep(norm, axis)
	}
	return c.result(c.b.Map(lower.Where(lower.Arg(1), lower.Arg(0).Div(lower.Arg(1)), num(0)), x, norm))
}

// standardized is x with mean 0 and variance 1 along axes.
func (c *call) standardized(x *graph.Node, epsilon float64, axes ...int) (y, mean, variance *graph.Node) {
	if c.b.Err() != nil || x == nil {
		return nil, nil, nil
	}
	n := 1
	for _, a := range axes {
		n *= x.Shape()[a]
	}
	mean = c.b.Scale(sum(c.b, x, axes), 1/float64(n))
	centred := c.b.Sub(x, mean)
	variance = c.b.Scale(sum(c.b, c.b.Square(centred), axes), 1/float64(n))
	return c.b.Map(lower.Arg(0).Div(lower.Sqrt(lower.Arg(1).Add(num(epsilon)))), centred, variance), mean, variance
}

// channels reshapes a vector with a number for each channel, so that it broadcasts over x
// [N, C, ...].
func (c *call) channels(v *graph.Node, rank int) *graph.Node {
	to := make([]int, rank)
	for i := range to {
		to[i] = 1
	}
	to[1] = -1
	return c.b.Reshape(v, to...)
}

// images returns the first operands of a norm of x [N, C, ...].
func (c *call) images(operands int) ([]*graph.Node, []int, error) {
	in, err := c.all(operands)
	if err != nil {
		return nil, nil, err
	}
	s := c.in[0].shape
	return in, s, need(len(s) >= 2, "x has shape %v, want [N C ...]", s)
}

// batchNorm normalises by the batch in training, where it also moves the running means,
// and by these otherwise.
func batchNorm(c *call) ([]value, error) {
	in, s, err := c.images(5)
	if err != nil {
		return nil, err
	}
	epsilon, rank := c.number("epsilon", 1e-5), len(s)
	var y *graph.Node
	if runMean, runVar := in[3], in[4]; c.b.Training && c.b.ParamOf(runMean) != nil && c.b.ParamOf(runVar) != nil {
		axes, n := []int{0}, s[0]
		for i := 2; i < rank; i++ {
			axes, n = append(axes, i), n*s[i]
		}
		if n < 2 {
			return nil, fmt.Errorf("x %v is a batch with one value per channel, and training wants more than one: take a larger batch", s)
		}
		var mean, variance *graph.Node
		y, mean, variance = c.standardized(in[0], epsilon, axes...)
		m := c.number("momentum", 0.9)
		move := func(state, now *graph.Node, scale float64) {
			e := lower.Arg(0).Mul(num(m)).Add(lower.Arg(1).Mul(num((1 - m) * scale)))
			c.b.Update(state, c.b.Map(e, state, c.b.Reshape(now, -1)))
		}
		move(runMean, mean, 1)
		move(runVar, variance, float64(n)/float64(n-1))
	} else {
		e := lower.Arg(0).Sub(lower.Arg(1)).Div(lower.Sqrt(lower.Arg(2).Add(num(epsilon))))
		y = c.b.Map(e, in[0], c.channels(runMean, rank), c.channels(runVar, rank))
	}
	return c.result(c.b.Add(c.b.Mul(y, c.channels(in[1], rank)), c.channels(in[2], rank)))
}

func instanceNorm(c *call) ([]value, error) {
	in, s, err := c.images(3)
	if err != nil {
		return nil, err
	}
	flat := c.b.Reshape(in[0], s[0], s[1], -1)
	y, _, _ := c.standardized(flat, c.number("epsilon", 1e-5), 2)
	y = c.b.Reshape(y, s...)
	return c.result(c.b.Add(c.b.Mul(y, c.channels(in[1], len(s))), c.channels(in[2], len(s))))
}

// groupNorm has a scale and a shift for each channel or, before version 21, for each
// group.
func groupNorm(c *call) ([]value, error) {
	in, s, err := c.images(3)
	if err != nil {
		return nil, err
	}
	groups := c.int("num_groups", 0)
	if groups < 1 || s[1]%groups != 0 {
		return nil, fmt.Errorf("%d groups of %d channels", groups, s[1])
	}
	flat := c.b.Reshape(in[0], s[0], groups, -1)
	y, _, _ := c.standardized(flat, c.number("epsilon", 1e-5), 2)
	for i, of := range in[1:] {
		if of.DataSize() == groups && groups != s[1] {
			of = c.b.Reshape(c.b.BroadcastTo(c.b.Reshape(of, groups, 1), groups, s[1]/groups), s[1])
		}
		if y = c.b.Reshape(y, s...); i == 0 {
			y = c.b.Mul(y, c.channels(of, len(s)))
		} else {
			y = c.b.Add(y, c.channels(of, len(s)))
		}
	}
	return c.result(y)
}

func layerNorm(c *call) ([]value, error) {
	in, err := c.all(2)
	if err != nil {
		return nil, err
	}
	s := c.in[0].shape
	axis, err := axisOf(c.int("axis", -1), len(s))
	if err != nil {
		return nil, err
	}
	var axes []int
	for i := axis; i < len(s); i++ {
		axes = append(axes, i)
	}
	y, _, _ := c.standardized(in[0], c.number("epsilon", 1e-5), axes...)
	y = c.b.Mul(y, in[1])
	if c.has(2) {
		shift, err := c.x(2)
		if err != nil {
			return nil, err
		}
		y = c.b.Add(y, shift)
	}
	return c.result(y)
}
