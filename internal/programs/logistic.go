package programs

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// logistic is the logistic regression of Gorgonia's examples: the graph
// computes the next weights, CompileFunction compiles them and the values that are read,
// and the machine's own Let and Set feed the inputs and store the next weights.
type logistic struct{ rows, features int }

type logisticRunning struct {
	vm           vm
	x, y, w, b   *G.Node
	nextW, nextB *G.Node
	cost, above  *G.Value
	rows, labels *tensor.Dense
}

func (c logistic) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 15)
	r := &logisticRunning{above: new(G.Value), cost: new(G.Value)}
	r.x, r.y = s.input("x", c.rows, c.features), s.input("y", c.rows)
	r.w, r.b = s.input("w", c.features), G.NewScalar(s.g, dtype, G.WithName("bias"))
	one := s.number(1)
	p := must(G.Sigmoid(must(G.Add(must(G.Mul(r.x, r.w)), r.b))))
	above := G.Read(must(G.Gt(p, s.number(0.5), false)), r.above)
	yes := must(G.HadamardProd(must(G.Neg(r.y)), must(G.Log(p))))
	no := must(G.HadamardProd(must(G.Sub(one, r.y)), must(G.Log(must(G.Sub(one, p))))))
	penalty := must(G.Mul(s.number(0.01), must(G.Sum(must(G.Square(r.w))))))
	cost := must(G.Add(must(G.Mean(must(G.Sub(yes, no)))), penalty))
	read := G.Read(cost, r.cost)
	gradients, err := G.Grad(cost, r.w, r.b)
	if err != nil {
		return nil, err
	}
	rate := s.number(0.1)
	r.nextW = must(G.Sub(r.w, must(G.Mul(rate, gradients[0]))))
	r.nextB = must(G.Sub(r.b, must(G.Mul(rate, gradients[1]))))
	program, at, err := G.CompileFunction(s.g, G.Nodes{r.x, r.y}, G.Nodes{r.nextW, r.nextB, above, read})
	if err != nil {
		return nil, err
	}
	r.rows, r.labels = s.normal(1, c.rows, c.features), s.filled(func() float64 { return truth(s.random.IntN(2) == 0) }, c.rows)
	r.vm = machine(s.g, G.WithPrecompiled(program, at)).(vm)
	if err := r.vm.Let(r.w, s.uniform(c.features)); err != nil {
		return nil, err
	}
	var zero any = 0.
	if dtype == tensor.Float32 {
		zero = float32(0)
	}
	return r, r.vm.Let(r.b, zero)
}

func (r *logisticRunning) Step(_ int, see See) error {
	r.vm.Reset()
	if err := r.vm.Let(r.x, r.rows); err != nil {
		return err
	}
	if err := r.vm.Let(r.y, r.labels); err != nil {
		return err
	}
	if err := r.vm.RunAll(); err != nil {
		return err
	}
	see("above", *r.above)
	see("cost", *r.cost)
	if err := r.vm.Set(r.w, r.nextW); err != nil {
		return err
	}
	if err := r.vm.Set(r.b, r.nextB); err != nil {
		return err
	}
	see("w", r.w.Value())
	see("bias", r.b.Value())
	return nil
}

func (r *logisticRunning) Close() error { return r.vm.Close() }
