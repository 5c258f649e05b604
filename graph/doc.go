// Package graph builds computation graphs: plain Gorgonia graphs, from ops
// whose meaning, gradient and lowering are declared once, with named
// parameters, layers, losses and updates of state.
//
// A Builder holds a *gorgonia.ExprGraph and a Params. Its methods add nodes
// and return them; they can be mixed freely with Gorgonia's own functions on
// the same nodes. The first mistake sticks: it names the layer and the shapes,
// later calls return nil, and Err reports it once at the end.
//
//	p := graph.NewParams(graph.Float32, seed)
//	b := graph.New(p, graph.Config{Training: true})
//	x := b.Input("x", 128, 784)
//	h := b.Relu(graph.Dense{Units: 64}.Apply(b.Scope("hidden"), x))
//	y := graph.Dense{Units: 784}.Apply(b.Scope("logits"), h)
//	loss := b.BCEWithLogits(y, x)
//	for _, w := range p.Trainable() {
//		g := b.Grad(loss, b.Node(w))
//		...
//	}
//	if err := b.Err(); err != nil { ... }
//
// A training step is one graph: Update says what a parameter's or a state's
// next value is. Every reader in the step sees the old value; all updates land
// after the last read, on every machine.
package graph
