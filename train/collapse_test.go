package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

func TestAVAEWithALargeBetaHasNoActiveUnits(t *testing.T) {
	for _, c := range []struct {
		beta      float64
		collapsed bool
	}{{0, false}, {1e3, true}} {
		o := options(2)
		o.Epochs, o.Validation = 3, data.NewDigits(3, 30)
		o.Callbacks = []train.Callback{&train.CollapseWatch{From: 2, Stop: true}}
		r, err := train.Fit(t.Context(), vae.Config{Hidden: []int{8}, Latent: 5, Beta: &c.beta}, data.NewDigits(2, 160), o)
		require.NoError(t, err)
		active := r.Epochs[1].Extra["active units"]
		require.Equal(t, c.collapsed, active == 0, "%g", active)
		if c.collapsed {
			require.Equal(t, "only 0 of 5 latent dimensions are active", r.Stopped)
			require.Len(t, r.Epochs, 2)
			require.Contains(t, r.Warnings[0], "epoch 2: only 0 of 5 latent dimensions are active: try a lower beta")
		} else {
			require.Empty(t, r.Stopped)
			require.Empty(t, r.Warnings)
		}
	}
}

func TestTheVarianceOfCodesNeedsSamples(t *testing.T) {
	o := options(2)
	o.Callbacks = []train.Callback{&train.CollapseWatch{}}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "set Options.Validation")
}
