package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// unscaler brings the validation samples back to their own range.
type unscaler struct {
	train.Base
	x, other []float32
}

func (u *unscaler) Epoch(r *train.Run) error {
	x, err := data.ArrayOf(r.Validation(), "x")
	u.x, u.other = r.Unscaled("x", x.Values), r.Unscaled("other", []float32{1, 2})
	return err
}

// The scaler is fitted to the samples that are trained on, and not to those held out.
func TestSamplesAreScaledByThoseTrainedOn(t *testing.T) {
	dir := t.TempDir()
	o := resumable(dir)
	o.Validation, o.ValidationSplit = nil, &data.SplitOptions{Count: 20, InOrder: true}
	o.Scale = map[string]data.ScaleOptions{"x": {Kind: data.MinMax}}
	back := &unscaler{}
	o.Callbacks = []train.Callback{back}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)

	trained, held, err := data.Split(points{n: 90}, *o.ValidationSplit)
	require.NoError(t, err)
	want, err := data.FitScaler(trained, "x", data.ScaleOptions{Kind: data.MinMax})
	require.NoError(t, err)
	require.Equal(t, want.String(), r.Scalers["x"].String())
	got, err := train.Evaluate(t.Context(), narrow{}, held, train.Options{Backend: cpu.Config{}, Params: r.Params, Scalers: r.Scalers, Batch: 16})
	require.NoError(t, err)
	require.Equal(t, r.Epochs[2].Validation["squared"], got["squared"])
	x, err := data.ArrayOf(held, "x")
	require.NoError(t, err)
	require.InDeltaSlice(t, x.Values, back.x, 1e-6)
	require.Equal(t, []float32{1, 2}, back.other)

	o.Scale = nil
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "scalers: ")
	o.Scale, o.Scalers = map[string]data.ScaleOptions{"x": {}}, r.Scalers
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, `the field "x" has a scaler in Options.Scalers, and Options.Scale asks for another`)
}

func TestTheNormOfGradientsIsANumberOfTheStep(t *testing.T) {
	for _, micro := range []int{0, 5} {
		o := options(1)
		o.MicroBatch, o.Optimizer = micro, optim.ClipGlobalNorm{Output: "grad norm"}
		r := fit(t, narrow{}, o)
		require.Contains(t, r.Epochs[0].Metrics, "squared/grad norm")
		require.Positive(t, r.Epochs[0].Metrics["squared/grad norm"])
		if micro > 0 {
			o.MicroBatch = 0
			require.InEpsilon(t, fit(t, narrow{}, o).Epochs[0].Metrics["squared/grad norm"], r.Epochs[0].Metrics["squared/grad norm"], 1e-4)
		}
	}
}
