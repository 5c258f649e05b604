package programs

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// unet marks the pixels of an object: it pools down and upsamples again, with a skip
// connection at each level.
type unet struct{ batch, side, channels int }

func (c unet) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 4)
	x, y := s.input("x", c.batch, 1, c.side, c.side), s.input("y", c.batch, 1, c.side, c.side)
	one := c.double(s, "down1", x, c.channels)
	two := c.double(s, "down2", halved(one), 2*c.channels)
	h := c.double(s, "bottom", halved(two), 4*c.channels)
	h = c.double(s, "up2", must(G.Concat(1, must(G.Upsample2D(h, 2)), two)), 2*c.channels)
	h = c.double(s, "up1", must(G.Concat(1, must(G.Upsample2D(h, 2)), one)), c.channels)
	p := must(G.Sigmoid(s.conv("out", h, 1, 1)))
	cost := must(G.Mean(must(G.BinaryXent(p, y))))
	s.read("mask", p)
	s.read("cost", cost)
	const batches = 2
	images := s.uniform(batches*c.batch, c.side*c.side)
	masks := s.filled(func() float64 { return truth(s.random.IntN(4) == 0) }, batches*c.batch, c.side*c.side)
	return s.train(cost, G.NewAdamSolver(G.WithLearnRate(1e-3)), machine, func(i int) error {
		if err := batchOf(images, x, i); err != nil {
			return err
		}
		return batchOf(masks, y, i)
	})
}

func (c unet) double(s *sheet, name string, x *G.Node, channels int) *G.Node {
	x = must(G.Rectify(s.conv(name+".a", x, channels, 3)))
	return must(G.Rectify(s.conv(name+".b", x, channels, 3)))
}

func halved(x *G.Node) *G.Node {
	return must(G.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
}
