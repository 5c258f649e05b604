package suite

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
)

// The nets of Gorgonia's examples at a small size. Each trains on a TapeMachine and on
// this machine to the same numbers.

// net is a training program in Gorgonia's own ops.
type net struct {
	*gorgonia.ExprGraph
	dtype  tensor.Dtype
	random *rand.Rand
	inputs gorgonia.Nodes
	learn  gorgonia.Nodes
	cost   *graph.Node
	read   []*gorgonia.Value                                // values that the program reads after each step
	feed   func(step int, in *graph.Node) (x []float64)     // the values of an input in a step
	solver func(opts ...gorgonia.SolverOpt) gorgonia.Solver // a new solver
	opts   func(*net) []gorgonia.VMOpt
}

func newNet(dtype tensor.Dtype) *net {
	n := &net{ExprGraph: gorgonia.NewGraph(), dtype: dtype, random: rand.New(rand.NewPCG(1, 2))}
	n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewVanillaSolver(opts...) }
	n.opts = func(n *net) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.BindDualValues(n.learn...)} }
	n.feed = func(step int, in *graph.Node) []float64 {
		r := rand.New(rand.NewPCG(uint64(step), uint64(in.ID())))
		x := make([]float64, in.Shape().TotalSize())
		for i := range x {
			x[i] = r.Float64()
		}
		return x
	}
	return n
}

func (n *net) input(name string, shape ...int) *graph.Node {
	x := gorgonia.NewTensor(n.ExprGraph, n.dtype, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...))
	n.inputs = append(n.inputs, x)
	return x
}

func (n *net) weight(name string, scale float64, shape ...int) *graph.Node {
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = scale * n.random.NormFloat64()
	}
	w := gorgonia.NewTensor(n.ExprGraph, n.dtype, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(dense64(x, n.dtype, shape...)))
	n.learn = append(n.learn, w)
	return w
}

func (n *net) reads(x *graph.Node) *graph.Node {
	n.read = append(n.read, new(gorgonia.Value))
	gorgonia.Read(x, n.read[len(n.read)-1])
	return x
}

// must is short for gorgonia.Must.
func must(n *graph.Node, err error) *graph.Node { return gorgonia.Must(n, err) }

// train runs training steps on a machine and returns all that the program sees: the
// values it reads, the gradients and finally the weights.
func (n *net) train(t *testing.T, steps int, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) (seen [][]float64) {
	_, err := gorgonia.Grad(n.cost, n.learn...)
	require.NoError(t, err)
	m := machine(n.ExprGraph, n.opts(n)...)
	defer m.Close()
	solver := n.solver(gorgonia.WithLearnRate(0.01), gorgonia.WithL2Reg(1e-4))
	see := func(v gorgonia.Value) {
		x, err := value.Floats(v)
		require.NoError(t, err)
		seen = append(seen, append([]float64(nil), x...))
	}
	for step := range steps {
		for _, in := range n.inputs {
			require.NoError(t, gorgonia.Let(in, dense64(n.feed(step, in), n.dtype, in.Shape()...)))
		}
		require.NoError(t, m.RunAll())
		for _, v := range n.read {
			see(*v)
		}
		for _, w := range n.learn {
			g, err := w.Grad()
			require.NoError(t, err)
			see(g)
		}
		require.NoError(t, solver.Step(gorgonia.NodesToValueGrads(n.learn)))
		m.Reset()
	}
	for _, w := range n.learn {
		see(w.Value())
	}
	return seen
}

// flowers is linear regression of a flower's kind on four measurements and a constant.
func flowers(dtype tensor.Dtype) *net {
	n := newNet(dtype)
	x, y := n.input("x", 30, 5), n.input("y", 30)
	predicted := n.reads(must(gorgonia.Mul(x, n.weight("theta", 1, 5))))
	n.cost = n.reads(must(gorgonia.Mean(must(gorgonia.Square(must(gorgonia.Sub(predicted, y)))))))
	return n
}

// logistic is the same with a sigmoid, a bias and a penalty on the weights.
func logistic(dtype tensor.Dtype) *net {
	n := newNet(dtype)
	x, y := n.input("x", 20, 4), n.input("y", 20)
	w, b := n.weight("w", 1, 4), n.weight("b", 1, 20)
	one := must(gorgonia.NewConstant(number(dtype, 1)), nil)
	p := n.reads(must(gorgonia.Sigmoid(must(gorgonia.Add(must(gorgonia.Mul(x, w)), b)))))
	yes := must(gorgonia.HadamardProd(must(gorgonia.Neg(y)), must(gorgonia.Log(p))))
	no := must(gorgonia.HadamardProd(must(gorgonia.Sub(one, y)), must(gorgonia.Log(must(gorgonia.Sub(one, p))))))
	penalty := must(gorgonia.Mul(gorgonia.NewConstant(number(dtype, 0.01)), must(gorgonia.Sum(must(gorgonia.Square(w))))))
	n.cost = n.reads(must(gorgonia.Add(must(gorgonia.Mean(must(gorgonia.Sub(yes, no)))), penalty)))
	n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewAdaGradSolver(opts...) }
	return n
}

func number(dtype tensor.Dtype, v float64) any {
	if dtype == tensor.Float32 {
		return float32(v)
	}
	return v
}

// drop is dropout of x: by Gorgonia's own op, or by a mask that the program feeds. The
// mask makes results comparable, because the op draws different numbers every time.
type drop func(n *net, x *graph.Node, p float64) *graph.Node

func byMask(n *net, x *graph.Node, p float64) *graph.Node {
	mask := n.input(fmt.Sprintf("mask%d", len(n.inputs)), x.Shape()...)
	old := n.feed
	n.feed = func(step int, in *graph.Node) []float64 {
		v := old(step, in)
		if in == mask {
			for i := range v {
				if v[i] < p {
					v[i] = 0
				} else {
					v[i] = 1 / (1 - p)
				}
			}
		}
		return v
	}
	return must(gorgonia.HadamardProd(x, mask))
}

func byOp(_ *net, x *graph.Node, p float64) *graph.Node { return must(gorgonia.Dropout(x, p)) }

// digits is a convolutional classifier: three layers of convolution, ReLU, pool and
// dropout, then two dense layers.
func digits(drop drop) func(tensor.Dtype) *net {
	return func(dtype tensor.Dtype) *net {
		const batch = 4
		n := newNet(dtype)
		h, y := n.input("x", batch, 1, 16, 16), n.input("y", batch, 10)
		for i, c := range [][2]int{{3, 1}, {4, 3}, {5, 4}} {
			w := n.weight(fmt.Sprint("w", i), 0.4, c[0], c[1], 3, 3)
			h = must(gorgonia.Rectify(must(gorgonia.Conv2d(h, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))))
			h = must(gorgonia.MaxPool2D(h, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
			if i < 2 {
				h = drop(n, h, 0.2)
			}
		}
		h = drop(n, must(gorgonia.Reshape(h, tensor.Shape{batch, 20})), 0.2)
		h = drop(n, must(gorgonia.Rectify(must(gorgonia.Mul(h, n.weight("w3", 0.4, 20, 12))))), 0.55)
		out := n.reads(must(gorgonia.SoftMax(must(gorgonia.Mul(h, n.weight("w4", 0.4, 12, 10))))))
		loss := must(gorgonia.HadamardProd(must(gorgonia.Neg(must(gorgonia.Log(out)))), y))
		n.cost = n.reads(must(gorgonia.Mean(loss)))
		n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver {
			return gorgonia.NewRMSPropSolver(append(opts, gorgonia.WithBatchSize(batch))...)
		}
		n.opts = func(n *net) []gorgonia.VMOpt {
			p, at, err := gorgonia.Compile(n.ExprGraph)
			if err != nil {
				panic(err)
			}
			return []gorgonia.VMOpt{gorgonia.WithPrecompiled(p, at), gorgonia.BindDualValues(n.learn...)}
		}
		return n
	}
}
