package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// text is a language model of characters: an LSTM over a text that is one matrix in the
// graph, with one row per character. Before each run, UnsafeLet on the slices sets the
// rows that it reads.
type text struct{ length, vocabulary, hidden, window int }

func (c text) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 2)
	rows := s.given("text", s.oneHot(c.length, c.vocabulary))
	w := map[string]*G.Node{}
	for _, gate := range []string{"i", "f", "o", "c"} {
		w[gate+"x"] = s.weight("wx"+gate, 0.1, c.hidden, c.vocabulary)
		w[gate+"h"] = s.weight("wh"+gate, 0.1, c.hidden, c.hidden)
		w[gate+"b"] = s.weight("b"+gate, 0.1, c.hidden)
	}
	decode, bias := s.weight("decode", 0.1, c.vocabulary, c.hidden), s.weight("bias", 0.1, c.vocabulary)
	h, cell := s.given("h", s.constant(0, c.hidden)), s.given("c", s.constant(0, c.hidden))

	var slices G.Nodes
	for i := range c.window + 1 {
		slices = append(slices, must(G.Slice(rows, G.S(i))))
	}
	var cost *G.Node
	for i, x := range slices[:c.window] {
		h, cell = c.cell(w, x, h, cell)
		probability := must(G.SoftMax(must(G.Add(must(G.Mul(decode, h)), bias))))
		loss := must(G.Neg(must(G.Sum(must(G.HadamardProd(slices[i+1], must(G.Log(probability))))))))
		if cost == nil {
			cost = loss
		} else {
			cost = must(G.Add(cost, loss))
		}
	}
	s.read("cost", cost)
	s.read("h", h)
	solver := G.NewRMSPropSolver(G.WithLearnRate(0.002), G.WithL2Reg(1e-6), G.WithClip(5))
	return s.train(cost, solver, machine, func(i int) error {
		from := i * c.window % (c.length - c.window)
		for k, n := range slices {
			if err := G.UnsafeLet(n, G.S(from+k)); err != nil {
				return fmt.Errorf("row %d: %w", from+k, err)
			}
		}
		return nil
	})
}

func (c text) cell(w map[string]*G.Node, x, h, cell *G.Node) (hidden, next *G.Node) {
	sum := func(gate string) *G.Node {
		both := must(G.Add(must(G.Mul(w[gate+"x"], x)), must(G.Mul(w[gate+"h"], h))))
		return must(G.Add(both, w[gate+"b"]))
	}
	in, forget, out := must(G.Sigmoid(sum("i"))), must(G.Sigmoid(sum("f"))), must(G.Sigmoid(sum("o")))
	write := must(G.HadamardProd(in, must(G.Tanh(sum("c")))))
	next = must(G.Add(must(G.HadamardProd(forget, cell)), write))
	return must(G.HadamardProd(out, must(G.Tanh(next)))), next
}
