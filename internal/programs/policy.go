package programs

import (
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// policy learns by the policy gradient, one state at a time. Its runs are so short that
// overhead matters.
type policy struct{ state, hidden, actions int }

func (c policy) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 5)
	x, chosen := s.input("state", 1, c.state), s.input("chosen", 1, c.actions)
	h := must(G.Tanh(s.layer("hidden", x, c.hidden)))
	p := must(G.SoftMax(s.layer("out", h, c.actions), 1))
	cost := must(G.Neg(must(G.Sum(must(G.HadamardProd(chosen, must(G.Log(p))))))))
	s.read("cost", cost)
	return s.train(cost, G.NewRMSPropSolver(G.WithLearnRate(1e-3)), machine, func(i int) error {
		if err := G.Let(x, s.normal(1, 1, c.state)); err != nil {
			return err
		}
		reward := make([]float64, c.actions)
		reward[i%c.actions] = math.Cos(float64(i))
		return G.Let(chosen, dense(dtype, reward, 1, c.actions))
	})
}
