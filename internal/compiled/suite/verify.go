package suite

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func (on Machine) verifyFindsNothingWrongWithTheModels(t *testing.T) {
	for _, e := range on.models() {
		t.Run(e.Name, func(t *testing.T) {
			for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
				s, r := trainStep(t, e, dtype, on), rand.New(rand.NewPCG(3, 1))
				feed(t, s, e, r)
				_, err := s.Run(0, 0)
				require.NoError(t, err)
				for _, m := range s.Machines() {
					before := everyFloat(m.Program())
					require.NoError(t, m.Verify())
					require.Equal(t, before, everyFloat(m.Program()), "parameters stay as they are")
				}
				require.NoError(t, s.Close())
			}
		})
	}
}

func everyFloat(p *graph.Program) (all [][]float64) {
	for _, u := range p.Updates() {
		all = append(all, u.Param.Floats())
	}
	return all
}

// wrongly is an op whose lowering differs from its definition.
func wrongly() graph.Op[struct{}] {
	return graph.Op[struct{}]{
		Name:  "wrongly",
		Arity: 1,
		Shape: func(_ struct{}, in []graph.Shape) ([]graph.Shape, error) { return in, nil },
		Define: func(_ struct{}, in, out []graph.Array) {
			for i, v := range in[0].Data {
				out[0].Data[i] = math.Max(v, 0)
			}
		},
		Lower: func(_ struct{}, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Map(lower.Max(lower.Arg(0), lower.Num(0.25)), in[0])}
		},
	}
}

func (on Machine) verifyNamesTheFirstNodeThatDiffers(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		x := b.Input("x", 2, 3)
		n := wrongly().Apply(b.Scope("enc/odd"), struct{}{}, b.Tanh(x))
		err := MachineOf(t, on, b, map[string][]float64{"x": {1, 2, 1, 3, 0.2, 5}}, b.Sum(b.Exp(n))).Verify()
		var d *vm.Difference
		require.True(t, errors.As(err, &d), "%v", err)
		require.Same(t, n, d.Node)
		require.Equal(t, []int{1, 1}, d.Index)
		require.InDelta(t, math.Tanh(0.2), d.Want, 1e-7)
		require.Equal(t, 0.25, d.Got)
		require.Equal(t, "enc/odd", d.Layer)
		for _, part := range []string{"wrongly", "enc/odd", "[2 3]", "[1 1]", "0.25"} {
			require.ErrorContains(t, err, part)
		}
	}
}

func (on Machine) verifyChecksGorgoniasGraphs(t *testing.T) {
	for _, build := range []func(tensor.Dtype) *program{perceptron, network} {
		p := build(tensor.Float64)
		_, err := gorgonia.Grad(p.cost, p.learn...)
		require.NoError(t, err)
		m := on.New(p.g)
		require.ErrorContains(t, m.Verify(), "no value is bound")
		for _, in := range []*graph.Node{p.x, p.y} {
			x := make([]float64, in.Shape().TotalSize())
			for i := range x {
				x[i] = 0.5 + 0.5*math.Cos(float64(i))
			}
			require.NoError(t, gorgonia.Let(in, tensor.New(tensor.WithShape(in.Shape()...), tensor.WithBacking(x))))
		}
		require.NoError(t, m.Verify())
		require.Nil(t, p.inside.Value(), "nothing is published")
		require.NoError(t, m.Close())
		require.ErrorContains(t, m.Verify(), "closed")
	}
}

func (on Machine) verifyFindsNothingWrongWithRandomGraphs(t *testing.T) {
	for seed := range on.seeds(60) {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			r := rand.New(rand.NewPCG(seed, 11))
			m := RandomGraph(t, on, r, graph.NewParams(dtype, seed))
			require.NoError(t, m.Verify(), "seed %d, %v", seed, dtype)
			require.NoError(t, m.Close())
		}
	}
}

func (on Machine) verifyBlamesThePlanIfEveryNodeAloneIsRight(t *testing.T) {
	calls := 0.0
	g, host, y := tripled(t, func(x gorgonia.Value) (gorgonia.Value, error) {
		calls++ // a different result each time, so that the plan's value differs from the separate one
		return tensor.Mul(x.(tensor.Tensor), calls)
	})
	err := on.New(g).Verify()
	var d *vm.Difference
	require.True(t, errors.As(err, &d), "%v", err)
	require.Contains(t, []*graph.Node{host, y}, d.Node)
	require.NotEmpty(t, d.Step)
	require.ErrorContains(t, err, "how the plan fuses them")
}

// attention is one attention head over a sequence. The loss does not depend on the bias
// of the keys, because it cancels in the softmax.
func attention(t *testing.T, on vm.Backend, dtype graph.Dtype) vm.Machine {
	b := graph.New(graph.NewParams(dtype, 2), graph.Config{Training: true})
	x := b.Input("x", 24, 8)
	project := func(name string) *graph.Node {
		s := b.Scope("head/" + name)
		return s.Add(s.MatMul(x, s.Param("w", graph.Normal(0, 1), 8, 8)), s.Param("b", graph.Normal(0, 1), 8))
	}
	weights := b.Softmax(b.MatMul(project("query"), b.Transpose(project("key"), 1, 0)), 1)
	loss := b.Scope("loss").Mean(b.Square(b.MatMul(weights, project("value"))))
	bias := b.Params().Get("head/key/b")
	g := b.Grad(loss, b.Node(bias))
	optim.Minimize(b, optim.Adam{}, graph.Task{Name: "loss", Loss: loss})
	require.NoError(t, b.Err())
	r := rand.New(rand.NewPCG(5, 5))
	at := make([]float64, 24*8)
	for i := range at {
		at[i] = r.NormFloat64()
	}
	return MachineOf(t, on, b, map[string][]float64{"x": at}, g[0], loss)
}

func (on Machine) verifyAcceptsAMathematicallyZeroGradient(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		m := attention(t, on, dtype)
		for range 3 {
			require.NoError(t, m.Verify(), "%v", dtype)
			require.NoError(t, vm.Run(m))
		}
		require.NoError(t, m.Close())
	}
}

func (on Machine) verifyAcceptsRoundingErrorsThatCancel(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 2), graph.Config{})
		x, w := b.Input("x", 40, 50), b.Param("w", graph.Normal(0, 1), 50, 60)
		y := b.MatMul(x, w)
		zero := b.Concat(0, y, b.Scale(y, -1))
		require.NoError(t, b.Err())
		at := make([]float64, 40*50)
		for i := range at {
			at[i] = math.Sin(float64(i))
		}
		// Both outputs are the same sum in a different order.
		m := MachineOf(t, on, b, map[string][]float64{"x": at}, b.Sum(b.SumKeep(zero, 0)), b.Sum(b.SumKeep(zero, 1)))
		require.NoError(t, m.Verify(), "%v", dtype)
	}
}

func (on Machine) verifyNamesTheWeightInFewWords(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
	x := b.Input("x", 2, 3)
	w := b.Scope("enc").Param("w", graph.Normal(0, 1), 2, 3)
	y := b.Mul(x, w)
	for range 40 { // a long fused op
		y = b.Tanh(b.AddConst(y, 0.125))
	}
	flaky := 0.0
	g := b.Grad(b.Sum(y), w)[0]
	odd, err := gorgonia.ApplyOp(triple{func(v gorgonia.Value) (gorgonia.Value, error) {
		flaky++ // a different result each time, so that the plan's value differs from the separate one
		return tensor.Mul(v.(tensor.Tensor), flaky)
	}}, g)
	require.NoError(t, err)
	b.Update(w, odd)
	err = MachineOf(t, on, b, map[string][]float64{"x": {1, 2, 3, 4, 5, 6}}).Verify()
	require.ErrorContains(t, err, "the next value of enc/w")
	require.Less(t, len(err.Error()), 500, "%v", err)
}
