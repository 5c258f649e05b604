package vae

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
)

// Two of four vectors are near entry 0, two are near entry 1, and entry 2 has none.
func TestEntriesMoveToTheMeanOfTheirVectors(t *testing.T) {
	vectors := []float64{1.5, 2.5, -3, -4}
	for _, c := range []struct {
		decay, revive float64
		want          []float64 // of entries 0 and 1
		stays         bool
	}{
		{0.9, 0, []float64{(0.9*1 + 0.1*4) / (0.9 + 0.2), (-0.9*1 - 0.1*7) / (0.9 + 0.2)}, true},
		{0.9, 0.95, []float64{(0.9*1 + 0.1*4) / (0.9 + 0.2), (-0.9*1 - 0.1*7) / (0.9 + 0.2)}, false},
		{0, 0, []float64{2, -3.5}, true},
	} {
		p := graph.NewParams(graph.Float64, 1)
		require.NoError(t, p.Start("entries", graph.Shape{3, 1}, []float64{1, -1, 100}))
		b := graph.New(p, graph.Config{Training: true})
		m := Quantized{Codes: 3, Width: 1, Decay: &c.decay, Revive: &c.revive}
		z := b.Input("z", 4, 1)
		book := m.codebook(b)
		nearest, number := book.nearest(z)
		for _, metric := range book.follow(z, number) {
			b.Output(metric.Name, metric.Node)
		}
		b.Output("nearest", nearest)
		vm := modeltest.Compile(t, b, modeltest.Inputs{"z": vectors})
		out := modeltest.Run(t, vm)
		require.Equal(t, []float64{1, 1, -1, -1}, out["nearest"])
		require.InDelta(t, 2, out["perplexity"][0], 1e-6)
		require.Equal(t, 2.0, out["used"][0])

		entries := p.Get("entries").Floats()
		require.InDeltaSlice(t, c.want, entries[:2], 1e-12)
		if c.stays {
			require.Equal(t, 100.0, entries[2])
			require.Zero(t, p.Get("moved").Floats()[0])
			for range 3 { // a count of 0 does not divide by zero
				modeltest.Run(t, vm)
			}
			require.Equal(t, 100.0, p.Get("entries").Floats()[2])
		} else {
			require.Contains(t, vectors, entries[2], "a vector of the batch")
			require.Equal(t, 1.0, p.Get("moved").Floats()[0])
		}
	}
}
