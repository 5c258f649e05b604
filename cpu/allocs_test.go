package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

func TestTrainingStepsAllocateNothing(t *testing.T) {
	for name, m := range map[string]train.Model{
		"dense": dense.Config{Input: 70, Hidden: []int{50, 20}},
		"tied":  dense.Config{Input: 70, Hidden: []int{50, 20}, Tied: true, Activation: "gelu", Loss: graph.MSE},
		"vae":   vae.Config{Input: 70, Hidden: []int{50}, Latent: 7},
	} {
		for _, c := range []struct {
			threads int
			dtype   graph.Dtype
		}{{1, graph.Float32}, {2, graph.Float32}, {1, graph.Float64}, {2, graph.Float64}} {
			compile := func(b *graph.Builder) (graph.VM, error) { return Config{Threads: c.threads}.Build(b) }
			s, err := train.NewTrainStep(m, graph.NewParams(c.dtype, 1), 60, 1, optim.Adam{}, compile)
			require.NoError(t, err)
			x := make([]float32, 60*70)
			for i := range x {
				x[i] = float32(i%7) / 7
			}
			step := 0
			require.Zero(t, testing.AllocsPerRun(20, func() {
				_, err = s.Run(x, 0, 60*step)
				step++
			}), "%s, %v on %d threads", name, c.dtype, c.threads)
			require.NoError(t, err)
			require.NoError(t, s.Close())
		}
	}
}

func TestNumberIsWhatAKeptNodeHolds(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 3)
	kept, read := b.Sum(b.Square(x)), b.Mean(x)
	b.Keep(kept)
	b.Read(kept, read)
	m, err := Config{}.Build(b)
	require.NoError(t, err)
	defer m.Close()
	require.NoError(t, graph.Fill(x, []float32{1, 2, 6}))
	_, err = graph.Number(m, read)
	require.ErrorContains(t, err, "run the machine first")
	require.NoError(t, m.RunAll())
	for n, want := range map[*graph.Node]float64{kept: 41, read: 3} {
		got, err := graph.Number(m, n)
		require.NoError(t, err)
		require.InDelta(t, want, got, 1e-12)
	}
	require.NotNil(t, kept.Value())
	require.Nil(t, read.Value(), "a node that is only read is not published")
	_, err = graph.Number(m, x)
	require.ErrorContains(t, err, "Read or Keep")
}
