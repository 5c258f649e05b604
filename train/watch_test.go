package train_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// outlier is a set of which one sample is far too large.
type outlier struct{ points }

func (o outlier) Read(i int, to [][]float32) error {
	err := o.points.Read(i, to)
	if i == 50 {
		for k := range to[0] {
			to[0][k] *= 100
		}
	}
	return err
}

func TestASpikeEndsTheTraining(t *testing.T) {
	o := resumable(t.TempDir())
	o.Callbacks = []train.Callback{&train.Watch{Window: 2}}
	_, err := train.Fit(t.Context(), narrow{}, outlier{points{n: 90}}, o)
	var spike *train.Spike
	require.ErrorAs(t, err, &spike)
	require.Greater(t, spike.Loss, 10*spike.Usual)
	require.ErrorContains(t, err, "epoch 1, step")
	require.ErrorContains(t, err, "after losses around")
}

// watched are the options of a training that goes back.
func watched(dir string) train.Options {
	o := resumable(dir)
	o.Seed, o.Callbacks = 12, []train.Callback{&train.Watch{Window: 2, GoBack: true}}
	return o
}

func TestTrainingGoesBackAfterASpikeAndLeavesOutTheBatch(t *testing.T) {
	dir := t.TempDir()
	copies := &copier{t: t, from: dir}
	o := watched(dir)
	o.Callbacks = append(o.Callbacks, copies)
	whole, err := train.Fit(t.Context(), narrow{}, outlier{points{n: 90}}, o)
	require.NoError(t, err)
	require.Len(t, whole.Skipped, 3, "one in each epoch")
	require.Contains(t, whole.Skipped[0].Why, "the loss is")
	require.LessOrEqual(t, whole.Skipped[0].To-whole.Skipped[0].From, 1, "there is a checkpoint every two steps")
	require.Less(t, whole.Epochs[2].Validation["loss"], whole.Epochs[0].First)
	require.Equal(t, 18, whole.Steps)
	_, want := final(t, dir)
	again := t.TempDir()
	_, err = train.Fit(t.Context(), narrow{}, outlier{points{n: 90}}, watched(again))
	require.NoError(t, err)
	_, got := final(t, again)
	require.Equal(t, want, got)
	for _, left := range copies.to {
		r, err := train.Fit(t.Context(), narrow{}, outlier{points{n: 90}}, watched(left))
		require.NoError(t, err)
		_, got := final(t, left)
		require.Equal(t, want, got)
		require.Equal(t, whole.Skipped, r.Skipped)
	}
}

func TestTrainingGoesBackAfterANaN(t *testing.T) {
	for name, on := range map[string]vm.Backend{"cpu": cpu.Config{}, "cpu that names the node": cpu.Config{Watch: true}} {
		o := watched(t.TempDir())
		o.Backend = on
		r, err := train.Fit(t.Context(), narrow{noise: 0.1}, points{n: 90, bad: 51}, o)
		require.NoError(t, err, name)
		require.Len(t, r.Skipped, 3, name)
		require.Contains(t, r.Skipped[0].Why, "NaN", name)
		for _, q := range r.Params.All() {
			for _, v := range q.Floats() {
				require.False(t, math.IsNaN(v))
			}
		}
		require.Len(t, r.Epochs, 3)
	}
}

func TestTrainingGoesBackOnlySoOften(t *testing.T) {
	o := watched(t.TempDir())
	o.Callbacks = []train.Callback{&train.Watch{GoBack: true, Most: 2}}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90, bad: 51}, o)
	var bad *train.NonFinite
	require.ErrorAs(t, err, &bad)
	require.Equal(t, 3, bad.Epoch)
	require.Len(t, r.Skipped, 2)
	require.Contains(t, r.Warnings, "training went back 2 times, which is the most that Watch allows")
}

func TestGoingBackNeedsCheckpoints(t *testing.T) {
	o := options(1)
	o.Callbacks = []train.Callback{&train.Watch{GoBack: true}}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "set Options.Checkpoints")
}
