package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train"
)

// withAll are the options of a training with all callbacks that have a state. It ends
// early, at a lower rate.
func withAll(dir string) train.Options {
	o := resumable(dir)
	o.Epochs, o.Schedules = 6, map[string]train.Schedule{"rate": train.Constant(0.02)}
	o.Callbacks = []train.Callback{
		&train.EarlyStopping{Patience: 2, MinChange: 0.3},
		&train.ReduceOnPlateau{Patience: 1, MinChange: 0.3, Factor: 0.5},
		&train.Watch{Window: 4, GoBack: true},
		&train.CollapseWatch{Variance: 1},
	}
	return o
}

func TestCallbacksWithAStateSurviveAKill(t *testing.T) {
	dir := t.TempDir()
	copies := &copier{t: t, from: dir}
	o := withAll(dir)
	o.Callbacks = append(o.Callbacks, copies)
	whole, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, o)
	require.NoError(t, err)
	require.Contains(t, whole.Stopped, "has not improved for 2 epochs")
	require.NotEmpty(t, whole.Warnings, "the rate was lowered")
	name, want := final(t, dir)
	for step, left := range append(copies.to, dir) {
		r, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, withAll(left))
		require.NoError(t, err)
		again, got := final(t, left)
		require.Equal(t, name, again)
		require.Equal(t, want, got, "killed after step %d", step+1)
		require.Equal(t, states(whole.Params), states(r.Params))
		require.Equal(t, whole.Stopped, r.Stopped)
	}
}
