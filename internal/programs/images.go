package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// images is the convolutional classifier of Gorgonia's MNIST example, and of
// many programs that follow it: convolutions with ReLU, pool and dropout, and two dense
// layers. The random numbers of Gorgonia's dropout cannot be
// reproduced.
type images struct {
	batch, colours, side int
	channels             []int
	hidden               int
	dropout              float64
}

func (c images) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	const classes = 10
	s := newSheet(dtype, 6)
	x, y := s.input("x", c.batch, c.colours, c.side, c.side), s.input("y", c.batch, classes)
	h := x
	for i, channels := range c.channels {
		h = c.dropped(halved(must(G.Rectify(s.conv(fmt.Sprint("w", i), h, channels, 3)))))
	}
	h = must(G.Reshape(h, tensor.Shape{c.batch, h.Shape().TotalSize() / c.batch}))
	h = c.dropped(must(G.Rectify(must(G.Mul(h, s.weight("dense", 0.05, h.Shape()[1], c.hidden))))))
	p := must(G.SoftMax(must(G.Mul(h, s.weight("out", 0.05, c.hidden, classes))), 1))
	cost := must(G.Neg(must(G.Mean(must(G.HadamardProd(must(G.Log(p)), y))))))
	s.read("cost", cost)
	const batches = 2
	data, labels := s.uniform(batches*c.batch, c.colours*c.side*c.side), s.oneHot(batches*c.batch, classes)
	solver := G.NewRMSPropSolver(G.WithBatchSize(float64(c.batch)))
	return s.train(cost, solver, machine, func(i int) error {
		if err := batchOf(data, x, i); err != nil {
			return err
		}
		return batchOf(labels, y, i)
	})
}

func (c images) dropped(x *G.Node) *G.Node {
	if c.dropout == 0 {
		return x
	}
	return must(G.Dropout(x, c.dropout))
}
