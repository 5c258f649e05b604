package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// boards learns a policy and a value from positions of a board game, as
// AlphaZero does: a convolution, residual blocks with batch norm, and two
// heads.
type boards struct{ batch, side, planes, channels, blocks, hidden int }

func (c boards) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 1)
	moves := c.side*c.side + 1
	x, pi, z := s.input("boards", c.batch, c.planes, c.side, c.side), s.input("pi", c.batch, moves), s.input("z", c.batch)
	h := must(G.Rectify(c.normed(s, "stem", x, c.channels, 3)))
	for i := range c.blocks {
		name := fmt.Sprint("block", i)
		y := must(G.Rectify(c.normed(s, name+".a", h, c.channels, 3)))
		h = must(G.Rectify(must(G.Add(h, c.normed(s, name+".b", y, c.channels, 3)))))
	}
	p := must(G.Rectify(c.normed(s, "policy", h, 2, 1)))
	logits := s.layer("policy.out", c.flat(p), moves)
	v := must(G.Rectify(c.normed(s, "value", h, 1, 1)))
	v = must(G.Rectify(s.layer("value.hidden", c.flat(v), c.hidden)))
	v = must(G.Reshape(must(G.Tanh(s.layer("value.out", v, 1))), tensor.Shape{c.batch}))
	cost := must(G.Add(crossEntropy(s, logits, pi), squares(v, z)))
	s.read("value", v)
	s.read("cost", cost)

	const batches = 3
	positions, policies, values := s.oneHot(batches*c.batch, c.planes*c.side*c.side), s.oneHot(batches*c.batch, moves), s.normal(0.5, batches*c.batch)
	return s.train(cost, G.NewMomentum(G.WithLearnRate(0.01)), machine, func(i int) error {
		if err := batchOf(positions, x, i); err != nil {
			return err
		}
		if err := batchOf(policies, pi, i); err != nil {
			return err
		}
		return batchOf(values, z, i)
	})
}

// normed is a convolution with batch norm. Its scale and shift have the shape of the
// images, as Gorgonia requires.
func (c boards) normed(s *sheet, name string, x *G.Node, channels, side int) *G.Node {
	y := s.conv(name, x, channels, side)
	scale := s.learned(name+".scale", s.constant(1, y.Shape()...))
	shift := s.learned(name+".shift", s.constant(0, y.Shape()...))
	n, _, _, _, err := G.BatchNorm(y, scale, shift, 0.9, 1e-5)
	return must(n, err)
}

func (c boards) flat(x *G.Node) *G.Node {
	return must(G.Reshape(x, tensor.Shape{c.batch, x.Shape().TotalSize() / c.batch}))
}
