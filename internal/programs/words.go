package programs

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// words learns embeddings as word2vec does: the mean of the context words predicts the
// word between them, with a softmax over the vocabulary.
type words struct{ vocabulary, embedded, context, batch int }

func (c words) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 3)
	around := G.NewVector(s.g, tensor.Int, G.WithName("around"), G.WithShape(c.batch*c.context))
	between := s.input("between", c.batch, c.vocabulary)
	table := s.weight("table", 0.5, c.vocabulary, c.embedded)
	each := must(G.Reshape(must(G.ByIndices(table, around, 0)), tensor.Shape{c.batch, c.context, c.embedded}))
	mean := must(G.Mean(each, 1))
	logits := must(G.Mul(mean, s.weight("out", 0.3, c.embedded, c.vocabulary)))
	cost := crossEntropy(s, logits, between)
	s.read("mean", mean)
	s.read("cost", cost)
	return s.train(cost, G.NewAdaGradSolver(G.WithLearnRate(0.05)), machine, func(int) error {
		index := make([]int, c.batch*c.context)
		for i := range index {
			index[i] = s.random.IntN(c.vocabulary)
		}
		if err := G.Let(around, tensor.New(tensor.WithShape(len(index)), tensor.WithBacking(index))); err != nil {
			return err
		}
		return G.Let(between, s.oneHot(c.batch, c.vocabulary))
	})
}
