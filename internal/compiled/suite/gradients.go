package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/value"
)

// wrongGradients are functions of a and b. The gradients of their sums fail or are
// wrong on Gorgonia's own machine; wantA and wantB are the right ones.
var wrongGradients = []struct {
	name           string
	a, b           []float64
	f              func(a, b *graph.Node) *graph.Node
	wantA, wantB   []float64
	tapeFailsInRun bool
}{
	{"outer product of unequal lengths", []float64{1, 2}, []float64{1, 2, 3},
		func(a, b *graph.Node) *graph.Node { return must(gorgonia.OuterProd(a, b)) },
		[]float64{6, 6}, []float64{3, 3, 3}, true},
	{"outer product of a negated vector", []float64{1, 2}, []float64{1, 2, 3},
		func(a, b *graph.Node) *graph.Node { return must(gorgonia.OuterProd(must(gorgonia.Neg(a)), b)) },
		[]float64{-6, -6}, []float64{-3, -3, -3}, true},
	{"square of an outer product", []float64{1, 2}, []float64{1, 2, 3},
		func(a, b *graph.Node) *graph.Node { return must(gorgonia.Square(must(gorgonia.OuterProd(a, b)))) },
		[]float64{28, 56}, []float64{10, 20, 30}, true},
	{"two outer products of the same vectors", []float64{1, 2}, []float64{1, 2, 3},
		func(a, b *graph.Node) *graph.Node {
			return must(gorgonia.Add(must(gorgonia.Sum(must(gorgonia.OuterProd(a, b)))), must(gorgonia.Sum(must(gorgonia.OuterProd(b, a))))))
		},
		[]float64{12, 12}, []float64{6, 6, 6}, true},
	{"power of 0", []float64{0, 1, 2}, nil,
		func(a, _ *graph.Node) *graph.Node { return must(gorgonia.Pow(a, constant(a, 0))) },
		[]float64{0, 0, 0}, nil, false},
	{"power of each element", []float64{0, 0, 0, 3}, []float64{0, 1, 2, 2},
		func(a, b *graph.Node) *graph.Node { return must(gorgonia.Pow(a, b)) },
		[]float64{0, 1, 0, 6}, []float64{0, 0, 0, 9 * 1.0986122886681098}, false},
}

// constant returns a number of a node's type.
func constant(like *graph.Node, v float64) *graph.Node {
	if like.Dtype() == tensor.Float32 {
		return gorgonia.NewConstant(float32(v))
	}
	return gorgonia.NewConstant(v)
}

func (on Machine) gradientsThatGorgoniaGetsWrongAreRight(t *testing.T) {
	for _, c := range wrongGradients {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			program := func(machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) (grads [][]float64, err error) {
				g := gorgonia.NewGraph()
				var in [2]*graph.Node
				learn := gorgonia.Nodes{}
				for i, v := range [][]float64{c.a, c.b} {
					if v != nil {
						in[i] = gorgonia.NewVector(g, dtype, gorgonia.WithName("ab"[i:i+1]), gorgonia.WithShape(len(v)), gorgonia.WithValue(dense64(v, dtype, len(v))))
						learn = append(learn, in[i])
					}
				}
				cost := c.f(in[0], in[1])
				if !cost.IsScalar() {
					cost = must(gorgonia.Sum(cost))
				}
				nodes, err := gorgonia.Grad(cost, learn...)
				require.NoError(t, err, c.name)
				m := machine(g, gorgonia.BindDualValues(learn...))
				defer m.Close()
				if err := m.RunAll(); err != nil {
					return nil, err
				}
				for i, x := range learn {
					v, err := x.Grad()
					require.NoError(t, err, c.name)
					d, err := value.Floats(v)
					require.NoError(t, err, c.name)
					own, err := value.Of(nodes[i])
					require.NoError(t, err, c.name)
					optest.RequireClose(t, c.name+", the gradient's own node", d, own, 0)
					grads = append(grads, d)
				}
				return grads, nil
			}
			got, err := program(func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM { return on.New(g, opts...) })
			require.NoError(t, err, c.name)
			optest.RequireClose(t, c.name+", a", c.wantA, got[0], 1e-6)
			if c.b != nil {
				optest.RequireClose(t, c.name+", b", c.wantB, got[1], 1e-6)
			}
			theirs, err := program(func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
				return gorgonia.NewTapeMachine(g, opts...)
			})
			if c.tapeFailsInRun {
				require.Error(t, err, "%s: Gorgonia's machine runs it: remove the case", c.name)
			} else {
				require.NoError(t, err, c.name)
				require.NotEqual(t, got, theirs, "%s: Gorgonia's machine is right: remove the case", c.name)
			}
		}
	}
}
