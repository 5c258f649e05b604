package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestALossDeclaresTheDomainOfItsTarget(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x, label := b.Input("x", 2, 1, 2, 3), b.Input("label", 2)
	logits := b.Input("logits", 2, 6)
	b.Output("bce", b.BCEWithLogits(logits, b.Flatten(x)))
	b.Output("each", b.BCEWithLogitsPerSample(logits, b.Flatten(x)))
	b.Output("transposed", b.BCEWithLogits(b.Transpose(logits, 1, 0), b.Transpose(b.Flatten(x), 1, 0)))
	b.Output("entropy", b.CrossEntropy(logits, b.Input("target", 2, 6), 1))
	b.Output("onehot", b.OneHot(label, 4))
	b.Output("mse", b.MSE(logits, b.Input("free", 2, 6)))
	b.Output("own", b.BCEWithLogits(logits, b.Sigmoid(b.Input("any", 2, 6))))
	p, err := b.Program()
	require.NoError(t, err)
	type bounds struct {
		lo, hi float64
		whole  bool
	}
	got := map[string]bounds{}
	for _, d := range p.Domains() {
		got[d.Input] = bounds{d.Lo, d.Hi, d.Whole}
	}
	require.Len(t, p.Domains(), 3)
	require.Equal(t, map[string]bounds{"x": {0, 1, false}, "target": {0, 1, false}, "label": {0, 3, true}}, got)

	part, err := p.Select([]string{"onehot"})
	require.NoError(t, err)
	require.Len(t, part.Domains(), 1)
	require.Equal(t, "label", part.Domains()[0].Input)
	whole, err := p.Copy()
	require.NoError(t, err)
	require.Equal(t, p.Domains(), whole.Domains())
}

func TestElementsOutsideTheDomainAreNamed(t *testing.T) {
	share := graph.Domain{Input: "x", Hi: 1, Loss: "binary cross entropy", Remedy: "scale it"}
	label := graph.Domain{Input: "label", Hi: 9, Whole: true, Loss: "one-hot", Remedy: "count from 0"}
	for _, c := range []struct {
		domain        graph.Domain
		x             []float32
		sample, first int
		want          string // "" for none
	}{
		{share, []float32{0, 1, 0.5, 1.00000006, -1e-6, 1e-30}, 2, 0, ""},
		{share, nil, 2, 0, ""},
		{share, []float32{0, 1, 0.5, 255}, 2, 128, `graph: input "x", sample 129, element 1 is 255: binary cross entropy wants a number from 0 to 1: scale it`},
		{share, []float32{-0.5}, 1, 7, `sample 7, element 0 is -0.5`},
		{share, []float32{0, 0, float32(math.NaN())}, 3, 0, `sample 0, element 2 is NaN`},
		{share, []float32{float32(math.Inf(1))}, 0, 0, `sample 0, element 0 is +Inf`},
		{label, []float32{0, 9, 3.000001}, 1, 0, ""},
		{label, []float32{0, 10}, 1, 30, `graph: input "label", sample 31, element 0 is 10: one-hot wants a whole number from 0 to 9: count from 0`},
		{label, []float32{2.5}, 1, 0, `element 0 is 2.5`},
	} {
		err := c.domain.Check(c.x, c.sample, c.first)
		if c.want == "" {
			require.NoError(t, err, "%v", c.x)
			continue
		}
		require.ErrorContains(t, err, c.want, "%v", c.x)
	}
}
