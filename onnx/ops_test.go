package onnx

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// unwritten are the ops of package graph that have cases which cannot be written.
var unwritten = map[string]string{
	"conv2d_filter": "gradient of a convolution",
	"max_pool_grad": "gradient of a pool",
	"max_pool_at":   "derivative of a pool",
	"avg_pool_grad": "gradient of a pool that leaves out its padding",
	"lstm_grad":     "gradient of a recurrence",
	"gru_grad":      "gradient of a recurrence",
	"rnn_grad":      "gradient of a recurrence",
}

// uncased have no case that package graph alone writes.
var uncased = []string{"repack"}

// netOfCase is a case of an op as a function, and values of its inputs.
func netOfCase(t *testing.T, c optest.Case) (*forward.Net, [][]float64) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Seed: 1})
	r := rand.New(rand.NewPCG(3, 4))
	var in []*graph.Node
	var values [][]float64
	recurrent := c.Op == "lstm" || c.Op == "gru" || c.Op == "rnn"
	for k, s := range c.In {
		x := make([]float64, s.Size())
		for i := range x {
			if x[i] = 0.1 + 0.9*r.Float64(); c.Fill != nil {
				x[i] = c.Fill(r, k, i)
			}
			x[i] = float64(float32(x[i]))
		}
		values = append(values, x)
		if recurrent && k >= 1 && k <= 3 {
			in = append(in, b.Constant(x, s...)) // the weights of a recurrence
			continue
		}
		in = append(in, b.Input("in"+string(rune('a'+k)), s...))
	}
	for i, n := range c.Build(b, in) {
		b.Output("out"+string(rune('a'+i)), n)
	}
	p, err := b.Program()
	require.NoError(t, err, "%s, %s", c.Op, c.Name)
	n, err := forward.Of(p, forward.Options{})
	if err != nil {
		require.ErrorContains(t, err, "is an op of Gorgonia", "%s, %s", c.Op, c.Name)
		return nil, nil
	}
	return n, values
}

// rewritten writes a function and reads it again.
func rewritten(n *forward.Net) (*onnxproto.Model, error) {
	w, err := newWriter([]*forward.Net{n, n, n})
	if err != nil {
		return nil, err
	}
	if err := w.write(); err != nil {
		return nil, err
	}
	return onnxproto.Unmarshal(onnxproto.Marshal(&onnxproto.Model{IRVersion: irVersion, Graph: w.graph, Opsets: []*onnxproto.Opset{{Version: opset}}}))
}

func TestEveryOpOfTheRegistryIsWrittenOrNamed(t *testing.T) {
	written, failed := map[string]bool{}, map[string]bool{}
	for _, c := range optest.Cases() {
		n, values := netOfCase(t, c)
		if n == nil {
			continue
		}
		file, err := rewritten(n)
		if err != nil {
			failed[c.Op] = true
			if unwritten[c.Op] == "" {
				t.Errorf("%s, %s: %v", c.Op, c.Name, err)
			}
			continue
		}
		written[c.Op] = true
		if slices.ContainsFunc(n.Sources, func(s forward.Source) bool { return s.Kind == forward.Clock }) {
			continue // what it draws is an input of the file
		}
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		in := map[string]*graph.Node{}
		for k, s := range c.In {
			in["in"+string(rune('a'+k))] = b.Constant(values[k], s...)
		}
		for name, out := range (Model{file: file}).Apply(b, in) {
			b.Output(name, out)
		}
		require.NoError(t, b.Err(), "%s, %s", c.Op, c.Name)
		p, err := b.Program()
		require.NoError(t, err)
		again, err := forward.Of(p, forward.Options{})
		require.NoError(t, err)
		want, got := compute(t, n, values), compute(t, again, nil)
		for name, x := range want {
			require.Len(t, got[name], len(x), "%s, %s", c.Op, c.Name)
			for i := range x {
				close := math.Abs(got[name][i]-x[i]) <= 1e-5*(1+math.Abs(x[i]))
				require.True(t, close || x[i] == got[name][i] || x[i] != x[i], "%s, %s, %s[%d]: got %g, want %g", c.Op, c.Name, name, i, got[name][i], x[i])
			}
		}
	}
	for _, o := range graph.Ops() {
		require.True(t, written[o.Name] || failed[o.Name] || slices.Contains(uncased, o.Name), "op %s has no case here", o.Name)
	}
	require.Equal(t, slices.Sorted(maps.Keys(unwritten)), slices.Sorted(maps.Keys(failed)))
	for _, op := range slices.Sorted(maps.Keys(failed)) {
		t.Logf("%s is not written: %s", op, unwritten[op])
	}
}

// compute runs a function in float64, and returns its results by name.
func compute(t *testing.T, n *forward.Net, values [][]float64) map[string][]float64 {
	args := make([]lower.Array[float64], len(n.Sources))
	for i, s := range n.Sources {
		x := s.Elements
		if s.Kind == forward.Given {
			x = values[int(strings.TrimPrefix(s.Name, "in")[0]-'a')]
		}
		args[i] = lower.ArrayOf(x, s.Shape)
	}
	outs, err := interp.Run(n.Func, args...)
	require.NoError(t, err)
	out := map[string][]float64{}
	for i, o := range outs {
		out[n.Outputs[i]] = slices.Clone(o.Elements())
	}
	return out
}
