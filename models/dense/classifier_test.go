package dense_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

func TestAClassifierLearnsTheLabelsOfEightSamples(t *testing.T) {
	m := dense.Classifier{Config: dense.Config{Input: 6, Hidden: []int{12, 8}, Overcomplete: true, Activation: "sigmoid"}, Classes: 4}
	p := graph.NewParams(graph.Float32, 1)
	in := modeltest.Inputs{"x": grey(48), "label": {0, 1, 2, 3, 3, 2, 1, 0}}
	b := graph.New(p, graph.Config{Training: true})
	net := m.Build(b, 8)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	modeltest.Name(b, net)
	machine := modeltest.Compile(t, b, in)
	require.NoError(t, machine.Set("classify/rate", 0.05))
	for range 300 {
		modeltest.Run(t, machine)
	}
	eval := graph.New(p, graph.Config{})
	modeltest.Name(eval, m.Build(eval, 8))
	out := modeltest.Run(t, modeltest.Compile(t, eval, in))
	require.Zero(t, out[modeltest.Metric("error")][0])
	require.Less(t, out["loss"][0], 0.05)
	mean := 0.0
	for i, label := range in["label"] {
		row, sum := out["logits"][4*i:4*i+4], 0.0
		for _, v := range row {
			sum += math.Exp(v)
		}
		nats := math.Log(sum) - row[int(label)]
		require.InDelta(t, nats, out["score"][i], 1e-5)
		mean += nats / 8
	}
	require.InDelta(t, mean, out["loss"][0], 1e-5)
}

func TestInvalidClassifiersAreErrors(t *testing.T) {
	for want, m := range map[string]dense.Classifier{
		"Classes is -1": {Classes: -1},
		"Classes is 1,": {Classes: 1},
		"Input is -1":   {Config: dense.Config{Input: -1}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.Zero(t, m.Build(b, 2))
		require.ErrorContains(t, b.Err(), want)
		_, err := m.Summary()
		require.ErrorContains(t, err, want)
	}
}
