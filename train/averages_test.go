package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

func TestTheAveragesOfWeightsAreEvaluatedBesideThem(t *testing.T) {
	for name, on := range machines() {
		o := train.Options{Backend: on, Epochs: 3, Batch: 16, Seed: 1, Validation: points{n: 21}}
		o.Optimizer = optim.MovingAverage{Decay: new(0.9), Optimizer: optim.Adam{Rate: new(0.02)}}
		r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
		require.NoError(t, err)
		for i, e := range r.Epochs {
			require.NotEqual(t, e.Validation["squared"], e.Validation["average/squared"], "%s, epoch %d", name, i)
			require.Contains(t, e.Validation, "average/mse")
		}
		averaged, err := optim.Averaged(r.Params, "squared")
		require.NoError(t, err)
		want, err := train.Evaluate(t.Context(), narrow{}, points{n: 21}, train.Options{Backend: on, Batch: 16, Params: averaged})
		require.NoError(t, err)
		require.Equal(t, want["squared"], r.Epochs[2].Validation["average/squared"], name)
		plain := train.Options{Backend: on, Epochs: 3, Batch: 16, Seed: 1, Validation: points{n: 21}, Optimizer: optim.Adam{Rate: new(0.02)}}
		alone, err := train.Fit(t.Context(), narrow{}, points{n: 90}, plain)
		require.NoError(t, err)
		require.Equal(t, alone.Epochs[2].Validation["squared"], r.Epochs[2].Validation["squared"], "the weights move as without averages")
	}
}
