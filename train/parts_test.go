package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// turns has two tasks that alternate, and noise.
type turns struct{}

func (turns) Build(b *graph.Builder, batch int) graph.Net {
	net := narrow{noise: 0.2}.Build(b, batch)
	size := graph.Dense{Units: 1}.Apply(b.Scope("rival"), net.Outputs[graph.OutputCode])
	net.Alternate = true
	net.Tasks[0].Trains = []string{"code/*", "out/*"}
	net.Tasks = append(net.Tasks, graph.Task{Name: "rival", Loss: b.Mean(b.Square(b.AddConst(size, -1))), Trains: []string{"rival/*"}, Optimizer: optim.SGD{Momentum: 0.5}})
	return net
}

func TestABatchInPiecesIsTheSameTraining(t *testing.T) {
	for name, on := range machines() {
		for _, m := range []train.Model{narrow{noise: 0.3}, turns{}} {
			o := train.Options{Backend: on, Epochs: 2, Batch: 16, Seed: 2, Validation: points{n: 20}, Params: graph.NewParams(graph.Float64, 2)}
			want, err := train.Fit(t.Context(), m, points{n: 41}, o)
			require.NoError(t, err)
			for _, micro := range []int{16, 8, 5, 1} { // the last batch has 9 samples
				o.Params, o.MicroBatch = graph.NewParams(graph.Float64, 2), micro
				got, err := train.Fit(t.Context(), m, points{n: 41}, o)
				require.NoError(t, err, "%s, %d", name, micro)
				for i, e := range want.Epochs {
					require.InDeltaSlice(t, e.Losses, got.Epochs[i].Losses, 1e-9, "%s, %T in pieces of %d", name, m, micro)
					require.InDelta(t, e.Validation[train.Loss], got.Epochs[i].Validation[train.Loss], 1e-9)
				}
				for _, w := range want.Params.Trainable() {
					require.InDeltaSlice(t, w.Floats(), got.Params.Get(w.Name()).Floats(), 1e-9)
				}
			}
		}
	}
}

func TestAFailedPieceLeavesTheWeightsAndNoSum(t *testing.T) {
	o := train.Options{Backend: machines()["cpu"], Batch: 8, MicroBatch: 3, Seed: 4}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 64, bad: 23}, o)
	var bad *train.NonFinite
	require.ErrorAs(t, err, &bad)
	want := stepwise(t, narrow{}, points{n: 64, bad: 23}, o, bad.Step-1)
	for _, p := range want.All() {
		require.Equal(t, p.Floats(), r.Params.Get(p.Name()).Floats(), p.Name())
	}
	require.Equal(t, make([]float64, 12), r.Params.Get("squared/sum/out/b").Floats())
}

func TestAStepInPiecesNamesAnInputThatIsMissing(t *testing.T) {
	s, err := train.NewTrainStep(narrow{}, 8, train.Options{Backend: machines()["cpu"], MicroBatch: 4})
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Run(0, 0)
	require.ErrorContains(t, err, `"x"`)
	require.NoError(t, s.Feed("x", make([]float32, 12)))
	_, err = s.Run(0, 0)
	require.ErrorContains(t, err, `the input "x" has 12 elements, want 96 for 8 samples`)
	require.NoError(t, s.Feed("x", make([]float32, 96)))
	_, err = s.Run(0, 0)
	require.NoError(t, err)
	require.Len(t, s.Machines(), 2)
}
