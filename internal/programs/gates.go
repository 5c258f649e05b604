package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// gates is a recurrent cell whose three gates are slices of one product, 128
// columns each.
//
// Gorgonia hashes the bounds of a slice modulo 256 and merges nodes with equal hashes.
// 256:384 is then the same as 0:128, so the graph that a machine gets has two gates. A
// program that slices twice, 128:256 of 128:384, gets the three gates that it should.
type gates struct {
	batch, in, steps int
	twice            bool
}

// gate is the columns of one gate.
const gate = 128

func (c gates) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 14)
	var xs G.Nodes
	for i := range c.steps {
		xs = append(xs, s.input(fmt.Sprint("x", i), c.batch, c.in))
	}
	y := s.input("y", c.batch, gate)
	w, u := s.weight("w", 0.3, c.in, 3*gate), s.weight("u", 0.1, gate, 3*gate)
	h := s.given("h", s.normal(0.3, c.batch, gate))
	for _, x := range xs {
		sum := must(G.Add(must(G.Mul(x, w)), must(G.Mul(h, u))))
		reset, update, candidate := c.cut(sum)
		written := must(G.HadamardProd(must(G.Sigmoid(reset)), must(G.Tanh(candidate))))
		h = must(G.Add(h, must(G.HadamardProd(must(G.Sigmoid(update)), must(G.Sub(written, h))))))
	}
	cost := squares(h, y)
	s.read("h", h)
	s.read("cost", cost)
	return s.train(cost, G.NewVanillaSolver(G.WithLearnRate(1)), machine, func(int) error {
		for _, in := range append(xs, y) {
			if err := G.Let(in, s.normal(1, in.Shape()...)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c gates) cut(x *G.Node) (reset, update, candidate *G.Node) {
	columns := func(x *G.Node, from, to int) *G.Node { return must(G.Slice(x, nil, G.S(from, to))) }
	reset, update = columns(x, 0, gate), columns(x, gate, 2*gate)
	if c.twice {
		return reset, update, columns(columns(x, gate, 3*gate), gate, 2*gate)
	}
	return reset, update, columns(x, 2*gate, 3*gate)
}
