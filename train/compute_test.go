package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// atEpochs is a callback of a function to call after each epoch.
type atEpochs struct {
	train.Base
	f func(*train.Run) error
}

func (a atEpochs) Epoch(r *train.Run) error { return a.f(r) }

func TestACallbackComputesOutputsOfASet(t *testing.T) {
	o := options(1)
	o.Epochs, o.Validation = 2, points{n: 21}
	o.Callbacks = []train.Callback{atEpochs{f: func(r *train.Run) error {
		shapes, err := r.Outputs()
		require.NoError(t, err)
		require.Equal(t, map[string]graph.Shape{"code": {4}, "recon": {12}}, shapes)
		out, err := r.Compute(r.Validation(), "recon", "code")
		require.NoError(t, err)
		require.Equal(t, []int{21, 12}, out[0].Shape)
		require.Equal(t, []int{21, 4}, out[1].Shape)
		x, err := data.ArrayOf(r.Validation(), "x")
		require.NoError(t, err)
		sum := 0.0
		for i, v := range x.Values {
			d := float64(v) - float64(out[0].Data[i])
			sum += d * d
		}
		require.InDelta(t, r.Epoch.Validation[train.MSE], sum/float64(len(x.Values)), 1e-5)
		return nil
	}}}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
}

func TestACallbackGeneratesTheSameSamplesFromTheSameWeights(t *testing.T) {
	o := options(1)
	o.Epochs, o.Validation = 1, data.NewDigits(3, 10)
	o.Callbacks = []train.Callback{atEpochs{f: func(r *train.Run) error {
		one, err := r.Generate(data.Limit(r.Validation(), 7))
		require.NoError(t, err)
		require.Equal(t, []int{7, 784}, one.Shape)
		two, err := r.Generate(data.Limit(r.Validation(), 7))
		require.NoError(t, err)
		require.Equal(t, one, two)
		require.NotEqual(t, one.Data[:784], one.Data[784:2*784])
		return nil
	}}}
	_, err := train.Fit(t.Context(), vae.Config{Hidden: []int{8}, Latent: 2, Classes: 10}, data.NewDigits(2, 20), o)
	require.NoError(t, err)
}

// recorder records a number in each step and one after each epoch.
type recorder struct{ train.Base }

func (recorder) Step(r *train.Run) error {
	r.Record("largest step", float64(r.Steps))
	return nil
}

func (recorder) Epoch(r *train.Run) error {
	r.Record("twice", 2*r.Epoch.Loss)
	return nil
}

func TestRecordedNumbersBelongToTheirEpochAndSurviveAKill(t *testing.T) {
	dir := t.TempDir()
	copies := &copier{t: t, from: dir}
	o := resumable(dir)
	o.Callbacks = []train.Callback{recorder{}, copies}
	whole, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	for i, e := range whole.Epochs {
		require.Equal(t, map[string]float64{"largest step": float64(6 * (i + 1)), "twice": 2 * e.Loss}, e.Extra)
	}
	_, want := final(t, dir)
	o = resumable(copies.to[9])
	o.Callbacks = []train.Callback{recorder{}}
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	_, got := final(t, copies.to[9])
	require.Equal(t, want, got)
}
