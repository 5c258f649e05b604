package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train"
)

func TestAPlateauLowersTheRate(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		on     train.ReduceOnPlateau
		rates  []float64 // in the last step of each epoch
	}{
		"patience": {[]float64{5, 5, 5, 4, 4, 4, 4}, train.ReduceOnPlateau{Patience: 2}, []float64{1, 1, 1, 0.1, 0.1, 0.1, 0.01}},
		"cooldown": {[]float64{5, 5, 5, 5, 5, 5, 5}, train.ReduceOnPlateau{Patience: 1, Cooldown: 2, Factor: 0.5}, []float64{1, 1, 0.5, 0.5, 0.5, 0.25, 0.25}},
		"minimum":  {[]float64{5, 5, 5, 5, 5, 5, 5}, train.ReduceOnPlateau{Patience: 1, Factor: 0.25, Min: 1e-4}, []float64{1, 1, 0.25, 0.1, 0.1, 0.1, 0.1}},
		"maximize": {[]float64{1, 2, 2, 3, 3, 3, 4}, train.ReduceOnPlateau{Patience: 1, Maximize: true, Scalar: "squared/rate"}, []float64{1, 1, 1, 0.1, 0.1, 0.01, 0.001}},
	} {
		t.Run(name, func(t *testing.T) {
			var rates []float64
			c.on.Metric = "score"
			o := options(3)
			o.Epochs, o.Schedules = 7, map[string]train.Schedule{"rate": train.Constant(1e-3)}
			o.Callbacks = []train.Callback{&scores{values: c.values}, &c.on, atEpochs{f: func(r *train.Run) error {
				v, ok := r.Scalar("squared/rate")
				require.True(t, ok)
				rates = append(rates, v*1e3)
				return nil
			}}}
			fit(t, narrow{}, o)
			require.InDeltaSlice(t, c.rates, rates, 1e-12)
		})
	}
}

func TestAPlateauHasToNameAnInput(t *testing.T) {
	o := options(1)
	o.Callbacks = []train.Callback{&train.ReduceOnPlateau{Scalar: "speed"}}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, `no scalar input is called "speed": they are squared/rate`)
	o.Callbacks = []train.Callback{&train.ReduceOnPlateau{Factor: 2}}
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "a factor of 2: want one above 0 and below 1")
}
