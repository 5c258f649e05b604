package baseline

// The layers that the nets share, made of Gorgonia's own ops. As in Gorgonia's
// examples, each op is wrapped in Must; New turns its panic into an error.

import (
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// weights are the tensors of a net by name, shared by its graphs. The solver
// changes them in place.
type weights struct {
	dtype  tensor.Dtype
	random *rand.Rand
	byName map[string]*tensor.Dense
}

func newWeights(dtype tensor.Dtype, r *rand.Rand) *weights {
	return &weights{dtype: dtype, random: r, byName: map[string]*tensor.Dense{}}
}

// named returns the weights of that name; at first use init makes them.
func (w *weights) named(name string, init func() float64, shape ...int) *tensor.Dense {
	t, ok := w.byName[name]
	if !ok {
		t = newDense(w.dtype, shape...)
		each(t, func(float64) float64 { return init() })
		w.byName[name] = t
	}
	return t
}

// builder builds a model on one graph.
type builder struct {
	graph      *G.ExprGraph
	batch      int
	training   bool
	weights    *weights
	learnables G.Nodes
}

// input returns a node over its own tensor, which is filled before each run.
func (b *builder) input(name string, shape ...int) *G.Node {
	return G.NewTensor(b.graph, b.weights.dtype, len(shape), G.WithShape(shape...),
		G.WithName(name), G.WithValue(newDense(b.weights.dtype, shape...)))
}

// learnable returns a node over the weights of that name.
func (b *builder) learnable(name string, init func() float64, shape ...int) *G.Node {
	n := G.NewTensor(b.graph, b.weights.dtype, len(shape), G.WithShape(shape...),
		G.WithName(name), G.WithValue(b.weights.named(name, init, shape...)))
	b.learnables = append(b.learnables, n)
	return n
}

// glorot returns weights uniform in ±sqrt(6/(fanIn+fanOut)) (Glorot and
// Bengio 2010, equation 16).
func (b *builder) glorot(name string, fanIn, fanOut int, shape ...int) *G.Node {
	limit := math.Sqrt(6 / float64(fanIn+fanOut))
	return b.learnable(name, func() float64 { return limit * (2*b.weights.random.Float64() - 1) }, shape...)
}

// bias returns weights that all start at one value.
func (b *builder) bias(name string, start float64, shape ...int) *G.Node {
	return b.learnable(name, func() float64 { return start }, shape...)
}

// constant returns a scalar of the net's type.
func (b *builder) constant(v float64) *G.Node {
	if b.weights.dtype == tensor.Float64 {
		return G.NewConstant(v)
	}
	return G.NewConstant(float32(v))
}

// affine is a layer x w + bias, x [rows,in], w [in,out], bias [1,out]. It may
// be applied more than once.
type affine struct{ w, bias *G.Node }

func (b *builder) affine(name string, in, out int) affine {
	return affine{b.glorot(name+".w", in, out, in, out), b.bias(name+".bias", 0, 1, out)}
}

func (l affine) of(x *G.Node) *G.Node { return addRow(G.Must(G.Mul(x, l.w)), l.bias) }

// addRow adds row [1,n] to every row of x [m,n].
func addRow(x, row *G.Node) *G.Node { return G.Must(G.BroadcastAdd(x, row, nil, []byte{0})) }

func relu(x *G.Node) *G.Node { return G.Must(G.Rectify(x)) }

// crossEntropy returns -t log s(z) - (1-t) log(1-s(z)) for every element, s
// the logistic function, z the logits and t the targets in [0,1], as
// softplus(z) - z t. Gorgonia's Softplus neither overflows nor loses the tail,
// and its gradient is Sigmoid: right for any z, where BinaryXent is NaN.
func crossEntropy(z, t *G.Node) *G.Node {
	return G.Must(G.Sub(G.Must(G.Softplus(z)), G.Must(G.HadamardProd(z, t))))
}
