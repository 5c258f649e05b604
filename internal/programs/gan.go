package programs

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// gan is a generator against a discriminator: two graphs on two machines. The
// discriminator's weights are the same tensors in both; each machine's solver
// updates its own side.
type gan struct{ batch, noise, hidden, out int }

type ganRunning struct {
	gan
	s           *sheet // the generator's; it draws the noise
	noise       *G.Node
	fake        *G.Value
	images      *G.Node
	real        *G.Node // whether an image is from the data
	forger      *loop
	judge       *loop
	data, truth *tensor.Dense
}

func (c gan) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	forger, judge := newSheet(dtype, 9), newSheet(dtype, 10)
	r := &ganRunning{gan: c, s: forger, fake: new(G.Value)}
	w1, w2 := judge.normal(0.3, c.out, c.hidden), judge.normal(0.3, c.hidden, 1)

	r.images, r.real = judge.input("images", 2*c.batch, c.out), judge.input("real", 2*c.batch, 1)
	says := c.judgement(r.images, judge.learned("d1", w1), judge.learned("d2", w2))
	cost := must(G.Mean(must(G.BinaryXent(says, r.real))))
	judge.read("the judge's cost", cost)
	var err error
	if r.judge, err = judge.train(cost, G.NewAdamSolver(G.WithLearnRate(1e-3)), machine, r.feedJudge); err != nil {
		return nil, err
	}

	r.noise = forger.input("noise", c.batch, c.noise)
	fake := must(G.Sigmoid(forger.layer("out", must(G.Rectify(forger.layer("hidden", r.noise, c.hidden))), c.out)))
	G.Read(fake, r.fake)
	says = c.judgement(fake, forger.given("d1", w1), forger.given("d2", w2))
	cost = must(G.Neg(must(G.Mean(must(G.Log(says))))))
	forger.read("the forger's cost", cost)
	if r.forger, err = forger.train(cost, G.NewAdamSolver(G.WithLearnRate(1e-3)), machine, r.feedForger); err != nil {
		return nil, err
	}

	r.data = judge.uniform(4*c.batch, c.out)
	r.truth = judge.filled(c.halfTrue(), 2*c.batch, 1)
	return r, nil
}

func (c gan) judgement(x, w1, w2 *G.Node) *G.Node {
	return must(G.Sigmoid(must(G.Mul(must(G.Tanh(must(G.Mul(x, w1)))), w2))))
}

// halfTrue is 1 for one batch, then 0.
func (c gan) halfTrue() func() float64 {
	i := -1
	return func() float64 { i++; return truth(i < c.batch) }
}

// Step runs the generator for a batch, trains the discriminator on it and on
// data, and trains the generator against the updated discriminator.
func (r *ganRunning) Step(i int, see See) error {
	if err := r.feedForger(i); err != nil {
		return err
	}
	if err := r.forger.vm.RunAll(); err != nil {
		return err
	}
	see("the forged", *r.fake)
	r.forger.vm.Reset()
	for _, w := range r.forger.learn { // this run only makes images
		if err := zeroed(w); err != nil {
			return err
		}
	}
	if err := r.judge.Step(i, see); err != nil {
		return err
	}
	return r.forger.Step(i, see)
}

func zeroed(w *G.Node) error {
	d, err := w.Grad()
	if err != nil {
		return err
	}
	d.(*tensor.Dense).Zero()
	return nil
}

func (r *ganRunning) feedForger(int) error {
	return G.Let(r.noise, r.s.normal(1, r.batch, r.gan.noise))
}

func (r *ganRunning) feedJudge(i int) error {
	from := i % 4 * r.batch
	real, err := r.data.Slice(G.S(from, from+r.batch))
	if err != nil {
		return err
	}
	images, err := tensor.Concat(0, real, (*r.fake).(tensor.Tensor))
	if err != nil {
		return err
	}
	if err := G.Let(r.images, images); err != nil {
		return err
	}
	return G.Let(r.real, r.truth)
}

func (r *ganRunning) Close() error { return closeAll(r.forger.vm, r.judge.vm) }
