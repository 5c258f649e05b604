package onnx

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// matMul is NumPy's matmul: leading axes broadcast, and a vector is a row on the left and
// a column on the right.
func matMul(c *call) ([]value, error) {
	in, err := c.all(2)
	if err != nil {
		return nil, err
	}
	x, y := in[0], in[1]
	xs, ys := slices.Clone([]int(x.Shape())), slices.Clone([]int(y.Shape()))
	if len(xs) == 0 || len(ys) == 0 {
		return nil, fmt.Errorf("a product of shapes %v and %v", xs, ys)
	}
	row, column := len(xs) == 1, len(ys) == 1
	if row {
		xs = []int{1, xs[0]}
	}
	if column {
		ys = []int{ys[0], 1}
	}
	m, k, n := xs[len(xs)-2], xs[len(xs)-1], ys[len(ys)-1]
	lead, err := lower.Broadcast(xs[:len(xs)-2], ys[:len(ys)-2])
	if err != nil || ys[len(ys)-2] != k {
		return nil, fmt.Errorf("a product of shapes %v and %v", xs, ys)
	}
	var z *graph.Node
	if len(ys) == 2 { // all rows of x at once
		z = c.b.MatMul(c.b.Reshape(x, -1, k), c.b.Reshape(y, k, n))
	} else {
		z = c.b.MatMul(c.wide(c.b.Reshape(x, xs...), lead, m, k), c.wide(c.b.Reshape(y, ys...), lead, k, n))
	}
	to := slices.Clone(lead)
	if !row {
		to = append(to, m)
	}
	if !column {
		to = append(to, n)
	}
	return c.typed(c.b.Reshape(z, to...), c.in[0].whole && c.in[1].whole)
}

// wide broadcasts the leading axes of a matrix.
func (c *call) wide(x *graph.Node, lead []int, rows, columns int) *graph.Node {
	return c.b.BroadcastTo(x, append(slices.Clone(lead), rows, columns)...)
}

// gemm is alpha A B + beta C, where A and B may be transposed.
func gemm(c *call) ([]value, error) {
	in, err := c.all(2)
	if err != nil {
		return nil, err
	}
	for i, name := range []string{"transA", "transB"} {
		if in[i].Dims() != 2 {
			return nil, fmt.Errorf("operand %q has shape %v, want a matrix", c.n.Inputs[i], in[i].Shape())
		}
		if c.int(name, 0) != 0 {
			in[i] = c.b.Transpose(in[i], 1, 0)
		}
	}
	y := c.b.MatMul(in[0], in[1])
	if alpha := c.number("alpha", 1); alpha != 1 {
		y = c.b.Scale(y, alpha)
	}
	if c.has(2) {
		z, err := c.x(2)
		if err != nil {
			return nil, err
		}
		if beta := c.number("beta", 1); beta != 1 {
			z = c.b.Scale(z, beta)
		}
		y = c.b.Add(y, z)
	}
	return c.result(y)
}
