package estimate_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/vm"
)

// With a code of one dimension, p(x) is an integral over the decoder alone. Whatever the
// posterior, importance sampling gives the same.
func TestLogLikelihoodOfVAEsIsTheIntegralOverTheCode(t *testing.T) {
	c := vae.Config{Input: 4, Hidden: []int{6}, Latent: 1, Init: graph.Normal(0, 0.7)}
	x := []float32{0, 1, 1, 0}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{4}, Values: x})
	require.NoError(t, err)
	for _, m := range []interface {
		estimate.Model
		String() string
	}{c, vae.Importance{Config: c}, vae.Planar{Config: c, Flows: 2}, vae.Autoregressive{Config: c}} {
		t.Run(m.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float64, 5)
			o := estimate.Options{Backend: cpu.Config{Threads: 1}, Params: p, Draws: 40000, Chunk: 4000}
			l, err := estimate.LogLikelihood(context.Background(), m, set, o)
			require.NoError(t, err)

			const n, width = 4001, 0.004
			b := graph.New(p, graph.Config{})
			z := b.Reshape(b.Scale(b.AddConst(b.Iota(n), -(n-1)/2), width), n, 1)
			given := b.Reshape(c.LogLikelihood(b, c.Decode(b, z, nil), b.Input("x", 1, 4)), n, 1)
			prior := b.AddConst(b.Scale(b.Square(z), -0.5), math.Log(width)-math.Log(2*math.Pi)/2)
			b.Output("log p", b.LogSumExp(b.Add(given, prior)))
			program, err := b.Program()
			require.NoError(t, err)
			machine, err := cpu.Config{Threads: 1}.Compile(program)
			require.NoError(t, err)
			defer machine.Close()
			require.NoError(t, machine.Feed("x", x))
			require.NoError(t, vm.Run(machine))
			want, err := machine.Floats("log p")
			require.NoError(t, err)
			require.InDelta(t, want[0], l.Mean, 0.02)
		})
	}
}
