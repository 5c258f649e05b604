package programs

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// masks is a regression on series of several lengths. Comparisons of integers mask the
// elements after the end of a series, comparisons of floats select the parts of Huber's
// loss, and booleans mark predictions that are too high.
type masks struct{ batch, length, hidden int }

func (c masks) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 8)
	x, y, quality := s.input("x", c.batch, c.length), s.input("y", c.batch, c.length), s.input("quality", c.batch, c.length)
	lengths := G.NewMatrix(s.g, tensor.Int, G.WithName("lengths"), G.WithShape(c.batch, c.length))
	positions := G.NewMatrix(s.g, tensor.Int, G.WithName("positions"), G.WithShape(c.batch, c.length), G.WithValue(c.positions()))
	next := must(G.Add(positions, must(G.Sub(lengths, positions))))
	inside := must(G.Lt(positions, lengths, false))
	early := must(G.Gte(lengths, positions, true))

	predicted := s.layer("out", must(G.Tanh(s.layer("hidden", x, c.hidden))), c.length)
	delta := s.number(0.4)
	wrong := must(G.Sub(predicted, y))
	far := must(G.Abs(wrong))
	square := must(G.HadamardProd(must(G.Lte(far, delta, true)), must(G.Square(wrong))))
	line := must(G.HadamardProd(must(G.Gt(far, delta, true)), far))
	good := must(G.Gte(quality, s.number(0.3), true))
	loss := must(G.Sum(must(G.HadamardProd(good, must(G.Add(square, line))))))
	cost := must(G.Div(loss, must(G.Sum(good))))
	s.read("ends", next)
	s.read("inside", inside)
	s.read("early", early)
	s.read("predicted", predicted)
	s.read("wanted", y)
	s.read("too high", must(G.Gt(predicted, y, false)))
	s.read("good", good)
	s.read("cost", cost)
	return s.train(cost, G.NewVanillaSolver(G.WithLearnRate(0.05)), machine, func(int) error {
		for _, in := range []*G.Node{x, y, quality} {
			if err := G.Let(in, s.uniform(c.batch, c.length)); err != nil {
				return err
			}
		}
		return G.Let(lengths, c.ints(func(int) int { return s.random.IntN(c.length + 1) }))
	})
}

// masksRight computes the booleans of a comparison of floats. On Gorgonia's machine, they
// are floats that are neither 0 nor 1.
func masksRight() map[string]func(map[string][]float64) []float64 {
	return map[string]func(map[string][]float64) []float64{
		"too high": func(seen map[string][]float64) []float64 {
			high := make([]float64, len(seen["wanted"]))
			for i, y := range seen["wanted"] {
				high[i] = truth(seen["predicted"][i] > y)
			}
			return high
		},
	}
}

// positions count from 0 in each row.
func (c masks) positions() *tensor.Dense { return c.ints(func(i int) int { return i % c.length }) }

func (c masks) ints(at func(i int) int) *tensor.Dense {
	x := make([]int, c.batch*c.length)
	for i := range x {
		x[i] = at(i)
	}
	return tensor.New(tensor.WithShape(c.batch, c.length), tensor.WithBacking(x))
}
