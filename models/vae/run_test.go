package vae_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
)

// outputsOf runs a model's net once on the TapeMachine and returns its outputs by name.
// more can add outputs.
func outputsOf(t *testing.T, m modeltest.Model, p *graph.Params, batch int, training bool, in modeltest.Inputs, more func(b *graph.Builder)) map[string][]float64 {
	t.Helper()
	b := graph.New(p, graph.Config{Training: training, Seed: 7})
	net := m.Build(b, batch)
	require.NoError(t, b.Err())
	modeltest.Name(b, net)
	for _, task := range net.Tasks {
		b.Output("task/"+task.Name, task.Loss)
	}
	if more != nil {
		more(b)
	}
	require.NoError(t, b.Err())
	return modeltest.Run(t, modeltest.Compile(t, b, in))
}

// requireInvalid checks that building a model is an error that has the text.
func requireInvalid(t *testing.T, m modeltest.Model, want string) {
	t.Helper()
	require.NotPanics(t, func() {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		require.Zero(t, m.Build(b, 2))
		require.ErrorContains(t, b.Err(), want)
		_, err := m.Summary()
		require.ErrorContains(t, err, want)
		_ = m.String()
	})
}
