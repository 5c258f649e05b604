package suite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/vm"
)

// The parts of the example nets that cannot be compared with Gorgonia's own machine:
// dropout and noise draw different numbers each time, and the dropout's gradient is
// wrong.

// costs runs training steps over one batch on this machine and returns the costs.
func (n *net) costs(t *testing.T, m vm.DropIn, steps int) (costs []float64) {
	solver := n.solver(gorgonia.WithLearnRate(0.01))
	for range steps {
		for _, in := range n.inputs {
			require.NoError(t, gorgonia.Let(in, dense64(n.feed(0, in), n.dtype, in.Shape()...)))
		}
		m.Reset()
		require.NoError(t, m.RunAll())
		require.NoError(t, solver.Step(gorgonia.NodesToValueGrads(n.learn)))
		c, err := value.Of(n.cost)
		require.NoError(t, err)
		costs = append(costs, c...)
	}
	return costs
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

func (on Machine) theConvnetLearnsWithGorgoniasDropout(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		n := digits(byOp)(dtype)
		_, err := gorgonia.Grad(n.cost, n.learn...)
		require.NoError(t, err)
		m := on.With(Settings{Strict: true}).New(n.ExprGraph, gorgonia.BindDualValues(n.learn...))
		costs := n.costs(t, m, 120)
		require.Less(t, mean(costs[100:]), 0.9*mean(costs[:20]))
		faults := 0
		for _, r := range m.Report() {
			if strings.Contains(r.Fault, "probability of dropping") {
				faults++
			}
		}
		require.Equal(t, 4, faults, "the gradient of each dropout is listed by name")
		require.NoError(t, m.Close())
	}
}

func (on Machine) withoutTrainingDropoutDoesNothingOnEitherMachine(t *testing.T) {
	var got [][]float64
	for _, machine := range []func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM{
		func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
			return gorgonia.NewTapeMachine(g, opts...)
		},
		func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM { return on.New(g, opts...) },
	} {
		n := digits(byOp)(tensor.Float64)
		for _, in := range n.inputs {
			require.NoError(t, value.Bind(in, n.feed(0, in)...))
		}
		m := machine(n.ExprGraph, gorgonia.EvalMode())
		require.NoError(t, m.RunAll())
		x, err := value.Floats(*n.read[0])
		require.NoError(t, err)
		got = append(got, x)
		require.NoError(t, m.Close())
	}
	require.InDeltaSlice(t, got[0], got[1], 1e-12)
}

func (on Machine) aDenoiserLearnsWithGorgoniasRandomNode(t *testing.T) {
	const batch, in, code = 8, 12, 6
	n := newNet(tensor.Float64)
	x := n.input("x", batch, in)
	noise := gorgonia.BinomialRandomNode(n.ExprGraph, tensor.Float64, 1, 0.7, batch, in)
	w := n.weight("w", 0.4, in, code)
	y := must(gorgonia.Sigmoid(must(gorgonia.Mul(must(gorgonia.HadamardProd(noise, x)), w))))
	z := must(gorgonia.Sigmoid(must(gorgonia.Mul(y, must(gorgonia.Transpose(w))))))
	n.cost = must(gorgonia.Mean(must(gorgonia.BinaryXent(z, x))))
	n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewAdamSolver(opts...) }
	_, err := gorgonia.Grad(n.cost, n.learn...)
	require.NoError(t, err)
	m := on.With(Settings{Strict: true}).New(n.ExprGraph, gorgonia.BindDualValues(n.learn...))
	defer m.Close()
	before := n.costs(t, m, 1)
	first, err := value.Of(noise)
	require.NoError(t, err)
	require.InDelta(t, 0.7, mean(first), 0.15)
	after := n.costs(t, m, 100)
	require.Less(t, mean(after[90:]), before[0]-0.01)
	second, err := value.Of(noise)
	require.NoError(t, err)
	require.NotEqual(t, first, second, "each run has different noise")
}

func (on Machine) aPartOfAGraphRunsAlone(t *testing.T) {
	n := letters(tensor.Float64)
	probs := 0
	for _, p := range n.ExprGraph.AllNodes() {
		if !strings.Contains(strings.ToLower(p.Name()), "softmax") {
			continue
		}
		probs++
		part := n.ExprGraph.SubgraphRoots(p)
		theirs := gorgonia.NewTapeMachine(part)
		require.NoError(t, theirs.RunAll())
		want, err := value.Of(p)
		require.NoError(t, err)
		require.NoError(t, theirs.Close())
		ours := on.New(part)
		require.NoError(t, ours.RunAll())
		got, err := value.Of(p)
		require.NoError(t, err)
		require.InDeltaSlice(t, want, got, 1e-12)
		require.NoError(t, ours.Close())
	}
	require.Equal(t, 6, probs)
}
