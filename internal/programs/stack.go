package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// stack trains stacked denoising autoencoders, as Gorgonia's example does. One graph has
// all of them, and each layer has a machine for its cost and gradients, compiled by
// CompileFunction. A part of the graph then encodes for a classifier.
type stack struct {
	batch, in int
	hidden    []int
	classes   int
}

type stackRunning struct {
	stack
	x        *G.Node
	data     *tensor.Dense
	noise    *sheet
	layers   []stackLayer
	coder    G.VM
	code     *G.Node
	refine   *loop
	features *G.Node
	labels   *G.Node
	wanted   *tensor.Dense
}

// stackLayer is an autoencoder whose decoder shares the encoder's weights.
type stackLayer struct {
	mask   *G.Node
	learn  G.Nodes
	cost   *G.Value
	vm     G.VM
	solver G.Solver
}

func (c stack) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 12)
	r := &stackRunning{stack: c, x: s.input("x", c.batch, c.in), noise: s, data: s.uniform(2*c.batch, c.in)}
	in := r.x
	for i, units := range c.hidden {
		name := fmt.Sprint("layer", i)
		from := in.Shape()[1]
		w, b := s.weight(name+".w", 1/float64(1+from/8), from, units), s.weight(name+".b", 0.1, c.batch, units)
		back := s.weight(name+".back", 0.1, c.batch, from)
		coded := func(x *G.Node) *G.Node { return must(G.Sigmoid(must(G.Add(must(G.Mul(x, w)), b)))) }
		l := stackLayer{mask: s.input(name+".mask", c.batch, from), learn: G.Nodes{w, b, back}, cost: new(G.Value)}
		z := must(G.Mul(coded(must(G.HadamardProd(l.mask, in))), must(G.Transpose(w))))
		z = must(G.Sigmoid(must(G.Add(z, back))))
		cost := must(G.Mean(must(G.BinaryXent(z, in))))
		read := G.Read(cost, l.cost)
		gradients, err := G.Grad(cost, l.learn...)
		if err != nil {
			return nil, err
		}
		program, at, err := G.CompileFunction(s.g, G.Nodes{r.x, l.mask}, append(gradients, read))
		if err != nil {
			return nil, err
		}
		l.vm, l.solver = machine(s.g, G.WithPrecompiled(program, at)), G.NewVanillaSolver(G.WithLearnRate(0.1))
		r.layers = append(r.layers, l)
		in = coded(in)
	}
	r.code = in
	r.coder = machine(s.g.SubgraphRoots(in))

	top := newSheet(dtype, 13)
	r.features, r.labels = top.input("features", in.Shape()...), top.input("labels", c.batch, c.classes)
	cost := crossEntropy(top, top.layer("classes", r.features, c.classes), r.labels)
	top.read("the classifier's cost", cost)
	r.wanted = top.oneHot(c.batch, c.classes)
	var err error
	r.refine, err = top.train(cost, G.NewAdamSolver(), machine, func(int) error {
		if err := G.Let(r.features, r.code.Value()); err != nil {
			return err
		}
		return G.Let(r.labels, r.wanted)
	})
	return r, err
}

// Step steps each layer, then the classifier.
func (r *stackRunning) Step(i int, see See) error {
	if err := batchOf(r.data, r.x, i); err != nil {
		return err
	}
	for k, l := range r.layers {
		dropped := r.noise.filled(func() float64 { return truth(r.noise.random.IntN(4) > 0) }, l.mask.Shape()...)
		if err := G.Let(l.mask, dropped); err != nil {
			return err
		}
		if err := l.vm.RunAll(); err != nil {
			return fmt.Errorf("layer %d: %w", k, err)
		}
		see(fmt.Sprint("cost of layer ", k), *l.cost)
		if err := learn(l.solver, l.learn, see); err != nil {
			return fmt.Errorf("layer %d: %w", k, err)
		}
		l.vm.Reset()
	}
	if err := r.coder.RunAll(); err != nil {
		return fmt.Errorf("code: %w", err)
	}
	see("code", r.code.Value())
	if err := r.refine.Step(i, see); err != nil {
		return fmt.Errorf("classifier: %w", err)
	}
	r.coder.Reset()
	return nil
}

func (r *stackRunning) Close() error {
	vms := []G.VM{r.coder, r.refine.vm}
	for _, l := range r.layers {
		vms = append(vms, l.vm)
	}
	return closeAll(vms...)
}
