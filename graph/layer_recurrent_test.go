package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// recurrentLayer is a recurrent layer of any kind.
type recurrentLayer interface {
	Apply(b *graph.Builder, x *graph.Node) *graph.Node
	ApplyLengths(b *graph.Builder, x, lengths *graph.Node) *graph.Node
}

func recurrentLayers(of graph.Recurrent) map[string]recurrentLayer {
	return map[string]recurrentLayer{"lstm": graph.LSTM(of), "gru": graph.GRU(of), "rnn": graph.RNN(of)}
}

// TestStepsBeyondTheLengthAreIgnored compares each sequence with the same sequence in
// an array of its length. Outputs beyond the length are 0.
func TestStepsBeyondTheLengthAreIgnored(t *testing.T) {
	const n, steps, d, units = 4, 5, 3, 2
	lengths := []float64{5, 3, 1, 0}
	for _, of := range []graph.Recurrent{
		{Units: units},
		{Units: units, Reverse: true},
		{Units: units, Bidirectional: true},
		{Units: units, Layers: 2, Bidirectional: true},
	} {
		for _, sequence := range []bool{true, false} {
			of.ReturnSequences = sequence
			for name, l := range recurrentLayers(of) {
				p := graph.NewParams(graph.Float64, 1)
				x := normals(3, n*steps*d, 0)
				b := graph.New(p, graph.Config{})
				y := l.ApplyLengths(b.Scope("layer"), b.Input("x", n, steps, d), b.Input("lengths", n))
				got := run(t, b, inputs{"x": x, "lengths": lengths}, y)(y)
				row := len(got) / n
				for i, length := range lengths {
					mine := got[i*row:][:row]
					if length == 0 {
						require.Equal(t, make([]float64, row), mine)
						continue
					}
					alone := graph.New(p, graph.Config{})
					y := l.Apply(alone.Scope("layer"), alone.Input("x", 1, int(length), d))
					want := run(t, alone, inputs{"x": x[i*steps*d:][:int(length)*d]}, y)(y)
					optest.RequireClose(t, name, want, mine[:len(want)], 1e-12)
					require.Equal(t, make([]float64, row-len(want)), mine[len(want):], "%s, after the sequence", name)
				}
			}
		}
	}
}

// TestBidirectionalConcatenatesTwoLayers compares it with a layer in each direction.
func TestBidirectionalConcatenatesTwoLayers(t *testing.T) {
	for name, l := range recurrentLayers(graph.Recurrent{Units: 2, Bidirectional: true, ReturnSequences: true}) {
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{})
		x := b.Input("x", 2, 3, 4)
		forward := recurrentLayers(graph.Recurrent{Units: 2, ReturnSequences: true})[name]
		backward := recurrentLayers(graph.Recurrent{Units: 2, ReturnSequences: true, Reverse: true})[name]
		y := l.Apply(b.Scope("layer"), x)
		f, r := forward.Apply(b.Scope("layer/forward"), x), backward.Apply(b.Scope("layer/backward"), x)
		floats := run(t, b, inputs{"x": normals(1, 24, 0)}, y, f, r)
		for i := range 6 {
			require.Equal(t, floats(f)[2*i:2*i+2], floats(y)[4*i:4*i+2])
			require.Equal(t, floats(r)[2*i:2*i+2], floats(y)[4*i+2:4*i+4])
		}
	}
}

func TestALayerContinuesFromAState(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 2, 6, 3)
	head, tail := b.Slice(x, 1, 0, 4), b.Slice(x, 1, 4, 6)
	gru, rnn := graph.GRU{Units: 2, ReturnSequences: true}, graph.RNN{Units: 2, ReturnSequences: true}
	_, state := gru.ApplyFrom(b.Scope("gru"), head, nil)
	_, plain := rnn.ApplyFrom(b.Scope("rnn"), head, nil)
	gruTail, _ := gru.ApplyFrom(b.Scope("gru"), tail, state)
	rnnTail, _ := rnn.ApplyFrom(b.Scope("rnn"), tail, plain)
	pairs := []*graph.Node{
		b.Slice(gru.Apply(b.Scope("gru"), x), 1, 4, 6), gruTail,
		b.Slice(rnn.Apply(b.Scope("rnn"), x), 1, 4, 6), rnnTail,
	}
	floats := run(t, b, inputs{"x": normals(1, 36, 0)}, pairs...)
	optest.RequireClose(t, "gru", floats(pairs[0]), floats(pairs[1]), 1e-12)
	optest.RequireClose(t, "rnn", floats(pairs[2]), floats(pairs[3]), 1e-12)
}

// TestRecurrentLayersHaveTheirParameters compares with counts by hand, for 3 features
// and 2 units.
func TestRecurrentLayersHaveTheirParameters(t *testing.T) {
	one := map[string]int{"lstm": 3*8 + 2*8 + 8, "gru": 3*6 + 2*6 + 8, "rnn": 3*2 + 2*2 + 2}
	second := map[string]int{"lstm": 4*8 + 2*8 + 8, "gru": 4*6 + 2*6 + 8, "rnn": 4*2 + 2*2 + 2}
	for name, l := range recurrentLayers(graph.Recurrent{Units: 2, Layers: 2, Bidirectional: true}) {
		p := graph.NewParams(graph.Float32, 1)
		b := graph.New(p, graph.Config{})
		l.Apply(b, b.Input("x", 1, 4, 3))
		require.NoError(t, b.Err())
		n := 0
		for _, w := range p.Trainable() {
			n += w.Shape().Size()
		}
		require.Equal(t, 2*one[name]+2*second[name], n, name)
	}
}
