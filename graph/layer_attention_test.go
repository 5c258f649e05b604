package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// attend is one head of attention by its formula, for q, k and v [steps][width].
func attend(q, k, v [][]float64, sees func(from, to int) bool) (y [][]float64) {
	for i := range q {
		weights, sum := make([]float64, len(k)), 0.0
		for j := range k {
			if !sees(i, j) {
				continue
			}
			dot := 0.0
			for d := range q[i] {
				dot += q[i][d] * k[j][d]
			}
			weights[j] = math.Exp(dot / math.Sqrt(float64(len(q[i]))))
			sum += weights[j]
		}
		row := make([]float64, len(v[0]))
		for j := range v {
			for d := range row {
				row[d] += weights[j] / sum * v[j][d]
			}
		}
		y = append(y, row)
	}
	return y
}

// times is x times a matrix w with the given number of columns.
func times(x [][]float64, w []float64, columns int) (y [][]float64) {
	for _, row := range x {
		out := make([]float64, columns)
		for i, v := range row {
			for j := range out {
				out[j] += v * w[i*columns+j]
			}
		}
		y = append(y, out)
	}
	return y
}

func columnsOf(x [][]float64, from, to int) (y [][]float64) {
	for _, row := range x {
		y = append(y, row[from:to])
	}
	return y
}

func TestAttentionMatchesItsFormula(t *testing.T) {
	const steps, features, heads, width = 4, 6, 2, 3
	mask := []float64{1, 1, 0, 1}
	for name, c := range map[string]struct {
		layer  graph.Attention
		masked bool
		sees   func(from, to int) bool
	}{
		"all":    {graph.Attention{Heads: heads}, false, func(int, int) bool { return true }},
		"causal": {graph.Attention{Heads: heads, Causal: true}, false, func(from, to int) bool { return to <= from }},
		"masked": {graph.Attention{Heads: heads}, true, func(_, to int) bool { return mask[to] != 0 }},
	} {
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{})
		in, m := b.Input("x", 1, steps, features), b.Input("mask", 1, steps)
		var y *graph.Node
		if c.masked {
			y = c.layer.ApplyMask(b.Scope("a"), in, m)
		} else {
			y = c.layer.Apply(b.Scope("a"), in)
		}
		flat := normals(1, steps*features, 0)
		got := run(t, b, inputs{"x": flat, "mask": mask}, y)(y)
		var x [][]float64
		for i := range steps {
			x = append(x, flat[i*features:][:features])
		}
		projected := func(name string) [][]float64 { return times(x, p.Get("a/"+name).Floats(), heads*width) }
		q, k, v := projected("q"), projected("k"), projected("v")
		joined := make([][]float64, steps)
		for h := range heads {
			from, to := h*width, (h+1)*width
			for i, row := range attend(columnsOf(q, from, to), columnsOf(k, from, to), columnsOf(v, from, to), c.sees) {
				joined[i] = append(joined[i], row...)
			}
		}
		var want []float64
		for _, row := range times(joined, p.Get("a/out").Floats(), features) {
			want = append(want, row...)
		}
		optest.RequireClose(t, name, want, got, 1e-12)
	}
}

func TestSinePositionsMatchTheirFormula(t *testing.T) {
	out := evaluate(t, graph.Shape{1, 2, 4}, [][]float64{make([]float64, 8)}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.SinePositions{}.Apply(b, in[0])}
	})
	require.Equal(t, []float64{0, 1, 0, 1, math.Sin(1), math.Cos(1), math.Sin(.01), math.Cos(.01)}, out[0])
}

// TestATransformerBlockHasItsParameters counts them for 8 features: two norms, four
// projections with biases or without, and two dense layers with 32 hidden units.
func TestATransformerBlockHasItsParameters(t *testing.T) {
	for block, biases := range map[graph.TransformerBlock]int{{Heads: 2}: 4 * 8, {Heads: 2, NoBias: true}: 0} {
		p := graph.NewParams(graph.Float32, 1)
		b := graph.New(p, graph.Config{Training: true})
		block.Apply(b, b.Input("x", 2, 3, 8))
		require.NoError(t, b.Err())
		n := 0
		for _, w := range p.Trainable() {
			n += w.Shape().Size()
		}
		require.Equal(t, 2*16+4*64+biases+(8*32+32)+(32*8+8), n)
	}
}
