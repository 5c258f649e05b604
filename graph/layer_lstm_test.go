package graph_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// waves returns values in [-1, 1] for the input nodes, different for each node.
func waves(nodes ...*graph.Node) inputs {
	in := inputs{}
	for k, n := range nodes {
		x := make([]float64, graph.Shape(n.Shape()).Size())
		for i := range x {
			x[i] = math.Sin(float64(7*k + 3*i + 1))
		}
		in[n.Name()] = x
	}
	return in
}

// unrolled is an LSTM built from ordinary ops. It returns the outputs in the input's
// order, and the last state.
func unrolled(b *graph.Builder, x *graph.Node, w graph.RecurrentWeights, s graph.LSTMState, reverse bool) (*graph.Node, graph.LSTMState) {
	n, steps, d, units := x.Shape()[0], x.Shape()[1], x.Shape()[2], w.Wh.Shape()[0]
	out := make([]*graph.Node, steps)
	for k := range steps {
		t := k
		if reverse {
			t = steps - 1 - k
		}
		xt := b.Reshape(b.Slice(x, 1, t, t+1), n, d)
		z := b.AddN(b.MatMul(xt, w.Wx), b.MatMul(s.H, w.Wh), w.Bias)
		gate := func(i int) *graph.Node { return b.Slice(z, 1, i*units, (i+1)*units) }
		i, f, g, o := b.Sigmoid(gate(0)), b.Sigmoid(gate(1)), b.Tanh(gate(2)), b.Sigmoid(gate(3))
		s.C = b.Add(b.Mul(f, s.C), b.Mul(i, g))
		s.H = b.Mul(o, b.Tanh(s.C))
		out[t] = b.Reshape(s.H, n, 1, units)
	}
	return b.Concat(1, out...), s
}

func TestLSTMEqualsOneUnrolledFromOrdinaryOps(t *testing.T) {
	const n, steps, d, units = 3, 5, 4, 6
	for _, reverse := range []bool{false, true} {
		t.Run(fmt.Sprintf("reverse %v", reverse), func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
			in := []*graph.Node{
				b.Input("x", n, steps, d), b.Input("wx", d, 4*units), b.Input("wh", units, 4*units), b.Input("bias", 4*units),
				b.Input("h", n, units), b.Input("c", n, units),
			}
			w, from := graph.RecurrentWeights{Wx: in[1], Wh: in[2], Bias: in[3]}, graph.LSTMState{H: in[4], C: in[5]}
			h, last := b.LSTM(in[0], w, from, graph.Recurrence{Reverse: reverse})
			h2, last2 := unrolled(b, in[0], w, from, reverse)
			results := func(h *graph.Node, s graph.LSTMState) []*graph.Node {
				loss := b.AddN(b.Sum(b.Exp(h)), b.Sum(b.Square(s.H)), b.Sum(b.Exp(s.C)))
				return append([]*graph.Node{h, s.H, s.C}, b.Grad(loss, in...)...)
			}
			got, want := results(h, last), results(h2, last2)
			floats := run(t, b, waves(in...), append(got, want...)...)
			for i := range want {
				require.InDeltaSlice(t, floats(want[i]), floats(got[i]), 1e-12, "result %d", i)
			}
		})
	}
}

func TestLSTMContinuesWhereAnotherStopped(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 2, 7, 3)
	layer, scope := graph.LSTM{Units: 4}, b.Scope("lstm")
	whole, end := layer.ApplyFrom(scope, x, graph.LSTMState{})
	first, between := layer.ApplyFrom(scope, b.Slice(x, 1, 0, 3), graph.LSTMState{})
	second, end2 := layer.ApplyFrom(scope, b.Slice(x, 1, 3, 7), between)
	both := b.Concat(1, first, second)
	floats := run(t, b, waves(x), whole, both, end.C, end2.C)
	require.InDeltaSlice(t, floats(whole), floats(both), 1e-15)
	require.InDeltaSlice(t, floats(end.C), floats(end2.C), 1e-15)
}

func TestLSTMWithStepsEqualsRepeatVector(t *testing.T) {
	for _, reverse := range []bool{false, true} {
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{})
		z := b.Input("z", 3, 2)
		scope := b.Scope("lstm")
		once := graph.LSTM{Units: 4, Reverse: reverse, ReturnSequences: true, Steps: 5}.Apply(scope, z)
		each := graph.LSTM{Units: 4, Reverse: reverse, ReturnSequences: true}.Apply(scope, b.RepeatVector(z, 5))
		wrt := []*graph.Node{z, b.Node(p.Get("lstm/wx")), b.Node(p.Get("lstm/wh")), b.Node(p.Get("lstm/b"))}
		got := append(b.Grad(b.Sum(b.Exp(once)), wrt...), once)
		want := append(b.Grad(b.Sum(b.Exp(each)), wrt...), each)
		floats := run(t, b, waves(z), append(got, want...)...)
		for i := range want {
			require.InDeltaSlice(t, floats(want[i]), floats(got[i]), 1e-12, "result %d", i)
		}
	}
}

func TestLSTMReturnsTheLastOutputByDefault(t *testing.T) {
	for last, layer := range map[int]graph.LSTM{4: {Units: 3}, 0: {Units: 3, Reverse: true}} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		x := b.Input("x", 2, 5, 2)
		end := layer.Apply(b.Scope("lstm"), x)
		layer.ReturnSequences = true
		all := layer.Apply(b.Scope("lstm"), x)
		require.Equal(t, graph.Shape{2, 5, 3}, graph.Shape(all.Shape()))
		want := b.Reshape(b.Slice(all, 1, last, last+1), 2, 3)
		floats := run(t, b, waves(x), end, want)
		require.Equal(t, floats(want), floats(end))
	}
}

func TestLSTMStartsOrthogonalWithForgetBiasOne(t *testing.T) {
	const d, units = 10, 7
	p := graph.NewParams(graph.Float64, 3)
	b := graph.New(p, graph.Config{})
	graph.LSTM{Units: units}.Apply(b.Scope("lstm"), b.Input("x", 1, 2, d))
	require.NoError(t, b.Err())
	require.Equal(t, 4*units*(d+units+1), p.Count())
	for i, v := range p.Get("lstm/b").Floats() {
		want := 0.0
		if i/units == 1 {
			want = 1
		}
		require.Equal(t, want, v, "bias %d", i)
	}
	limit, largest := math.Sqrt(6.0/(d+units)), 0.0
	for _, v := range p.Get("lstm/wx").Floats() {
		largest = max(largest, math.Abs(v))
	}
	require.LessOrEqual(t, largest, limit)
	require.Greater(t, largest, 0.95*limit)
	wh := p.Get("lstm/wh").Floats()
	for gate := range 4 {
		for i := range units {
			for j := range units {
				dot := 0.0
				for k := range units {
					dot += wh[i*4*units+gate*units+k] * wh[j*4*units+gate*units+k]
				}
				want := 0.0
				if i == j {
					want = 1
				}
				require.InDelta(t, want, dot, 1e-6, "gate %d, rows %d and %d", gate, i, j)
			}
		}
	}
}

func TestLSTMSkipsGradientsThatAreNotNeeded(t *testing.T) {
	flops := func(wrt func(x *graph.Node, p *graph.Params, b *graph.Builder) []*graph.Node) int64 {
		p := graph.NewParams(graph.Float32, 1)
		b := graph.New(p, graph.Config{})
		x := b.Input("x", 2, 5, 3)
		y := graph.LSTM{Units: 4}.Apply(b.Scope("lstm"), x)
		b.Grad(b.Sum(y), wrt(x, p, b)...)
		require.NoError(t, b.Err())
		var sum int64
		for _, n := range b.Graph().AllNodes() {
			if a, ok := op.At(n); ok {
				sum += a.Lowered().Flops()
			}
		}
		return sum
	}
	weights := func(_ *graph.Node, p *graph.Params, b *graph.Builder) []*graph.Node {
		return []*graph.Node{b.Node(p.Get("lstm/wx")), b.Node(p.Get("lstm/wh")), b.Node(p.Get("lstm/b"))}
	}
	input := func(x *graph.Node, _ *graph.Params, _ *graph.Builder) []*graph.Node { return []*graph.Node{x} }
	const projection, state = 2 * 2 * 5 * 3 * 16, 2 * 2 * 4 * 4 * 16 // flops of x wx, and of h wh from the second step on
	require.EqualValues(t, 2*projection+3*state, flops(weights))
	require.EqualValues(t, 2*projection+2*state, flops(input))
}

func TestGorgoniaDifferentiatesAnLSTM(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	x := b.Input("x", 2, 3, 2)
	h, last := graph.LSTM{Units: 3}.ApplyFrom(b.Scope("lstm"), x, graph.LSTMState{})
	loss := b.Add(b.Sum(b.Exp(h)), b.Sum(b.Exp(last.C)))
	wh := b.Node(p.Get("lstm/wh"))
	want := b.Grad(loss, x, wh)
	require.NoError(t, b.Err())
	got, err := gorgonia.Grad(loss, x, wh)
	require.NoError(t, err)
	floats := run(t, b, waves(x), append(want, got...)...)
	for i := range want {
		require.InDeltaSlice(t, floats(want[i]), floats(got[i]), 1e-14)
	}
}

// The model learns which half of a sequence has the larger sum, from the last outputs
// of both directions.
func TestLSTMLearnsToCompare(t *testing.T) {
	const n, steps = 16, 6
	b := graph.New(graph.NewParams(graph.Float32, 5), graph.Config{Training: true})
	x, y := b.Input("x", n, steps, 1), b.Input("y", n, 1)
	in, labels := waves(x), make([]float64, n)
	for i := range labels {
		sum := 0.0
		for k, v := range in["x"][i*steps : (i+1)*steps] {
			sum += v * float64(1-k/(steps/2)*2)
		}
		if sum > 0 {
			labels[i] = 1
		}
	}
	in["y"] = labels
	ahead := graph.LSTM{Units: 8}.Apply(b.Scope("ahead"), x)
	back := graph.LSTM{Units: 8, Reverse: true}.Apply(b.Scope("back"), x)
	loss := b.BCEWithLogits(graph.Dense{Units: 1}.Apply(b.Scope("out"), b.Concat(1, ahead, back)), y)
	optim.Minimize(b, optim.Adam{Rate: new(0.03)}, graph.Task{Loss: loss})
	m := machine(t, b, in, loss)
	for range 100 {
		require.NoError(t, vm.Run(m))
	}
	last, err := m.Number("out0")
	require.NoError(t, err)
	require.Less(t, last, 0.05)
}

func TestWrongLSTMsNameTheirLayer(t *testing.T) {
	seq := func(b *graph.Builder) *graph.Node { return b.Input("x", 2, 5, 3) }
	vec := func(b *graph.Builder) *graph.Node { return b.Input("z", 2, 3) }
	short := func(_ graph.Draw, _ graph.Shape, _ []float64) error { return fmt.Errorf("no start") }
	for name, c := range map[string]struct {
		layer graph.LSTM
		x     func(b *graph.Builder) *graph.Node
		from  func(b *graph.Builder) graph.LSTMState
		want  string
	}{
		"no units":           {graph.LSTM{}, seq, nil, "0 units: want at least 1"},
		"negative units":     {graph.LSTM{Units: -3}, seq, nil, "-3 units"},
		"negative steps":     {graph.LSTM{Units: 4, Steps: -1}, vec, nil, "-1 steps"},
		"a vector, no steps": {graph.LSTM{Units: 4}, vec, nil, "want a sequence [N,T,D], or [N,D] and Steps"},
		"a sequence, steps":  {graph.LSTM{Units: 4, Steps: 5}, seq, nil, "want [N,D], the same at every step"},
		"an image":           {graph.LSTM{Units: 4}, func(b *graph.Builder) *graph.Node { return b.Input("x", 2, 1, 5, 5) }, nil, "x is [2 1 5 5]"},
		"a scalar":           {graph.LSTM{Units: 4}, func(b *graph.Builder) *graph.Node { return b.Input("x") }, nil, "x is []"},
		"too many units":     {graph.LSTM{Units: 1 << 15}, seq, nil, "more than 2^31-1 elements"},
		"a start that fails": {graph.LSTM{Units: 4, InitH: short}, seq, nil, "no start"},
		"orthogonal bias":    {graph.LSTM{Units: 4, InitBias: graph.Orthogonal(1)}, seq, nil, "lstm/b"},
		"state of other size": {graph.LSTM{Units: 4}, seq, func(b *graph.Builder) graph.LSTMState {
			return graph.LSTMState{H: b.Input("h", 2, 5), C: b.Input("c", 2, 4)}
		}, "the initial h is [2 5], want [2 4]"},
		"state of other batch": {graph.LSTM{Units: 4}, seq, func(b *graph.Builder) graph.LSTMState {
			return graph.LSTMState{H: b.Input("h", 2, 4), C: b.Input("c", 3, 4)}
		}, "the initial c is [3 4], want [2 4]"},
		"half a state": {graph.LSTM{Units: 4}, seq, func(b *graph.Builder) graph.LSTMState { return graph.LSTMState{H: b.Input("h", 2, 4)} }, "operand 5 is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
			x, from := c.x(b), graph.LSTMState{}
			if c.from != nil {
				from = c.from(b)
			}
			require.NoError(t, b.Err())
			require.NotPanics(t, func() {
				h, _ := c.layer.ApplyFrom(b.Scope("my/lstm"), x, from)
				require.Nil(t, h)
			})
			require.ErrorContains(t, b.Err(), "my/lstm")
			require.ErrorContains(t, b.Err(), c.want)
		})
	}
}
