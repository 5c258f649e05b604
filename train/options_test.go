package train_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
)

func TestStepsEndTrainingWithinAnEpoch(t *testing.T) {
	o := options(1)
	o.Epochs, o.Steps, o.Schedules = 0, 8, map[string]train.Schedule{"rate": train.Linear(0.02, 0)}
	r := fit(t, narrow{}, o)
	require.Equal(t, 8, r.Steps)
	require.Len(t, r.Epochs, 2)
	require.Equal(t, []int{6, 2}, []int{r.Epochs[0].Steps, r.Epochs[1].Steps})
	require.Equal(t, []bool{false, true}, []bool{r.Epochs[0].Partial, r.Epochs[1].Partial})
	require.NotNil(t, r.Epochs[1].Validation)
	require.Empty(t, r.Stopped)
	o.Epochs = 1
	require.Equal(t, 6, fit(t, narrow{}, o).Steps, "the smaller limit counts")
	o.Steps = 6
	require.False(t, fit(t, narrow{}, o).Epochs[0].Partial)
}

func TestTimeEndsTraining(t *testing.T) {
	o := options(1)
	o.Epochs, o.MaxTime = 0, 50*time.Millisecond
	r := fit(t, narrow{}, o)
	require.Equal(t, "Options.MaxTime has passed", r.Stopped)
	require.Positive(t, r.Steps)
}

func TestTrainingGoesOnAfterItsTimeIsUp(t *testing.T) {
	whole, dir := t.TempDir(), t.TempDir()
	_, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, resumable(whole))
	require.NoError(t, err)
	o := resumable(dir)
	o.MaxTime = 5 * time.Millisecond
	for {
		r, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, o)
		require.NoError(t, err)
		if r.Stopped == "" {
			break
		}
		require.Equal(t, "Options.MaxTime has passed", r.Stopped)
		o.MaxTime *= 2
	}
	_, want := final(t, whole)
	_, got := final(t, dir)
	require.Equal(t, want, got)
}

func TestACallbackStopsTraining(t *testing.T) {
	o := options(1)
	o.Callbacks = []train.Callback{after(func(r *train.Run) error {
		if r.Steps >= 3 {
			r.Stop("enough")
		}
		return nil
	})}
	r := fit(t, narrow{}, o)
	require.Equal(t, "enough", r.Stopped)
	require.Equal(t, 4, r.Steps, "the step in flight is completed")
}

func TestAFactorOfARateHoldsFromTheNextStepButOne(t *testing.T) {
	var rates []float64
	o := options(1)
	o.Epochs = 1
	o.Callbacks = []train.Callback{after(func(r *train.Run) error {
		v, ok := r.Scalar("squared/rate")
		require.True(t, ok)
		rates = append(rates, v)
		if r.Steps == 2 {
			return r.Scale("rate", 0.5)
		}
		return nil
	})}
	fit(t, narrow{}, o)
	require.Equal(t, []float64{0.02, 0.02, 0.02, 0.01, 0.01, 0.01}, rates)
	o.Callbacks = []train.Callback{after(func(r *train.Run) error { return r.Scale("beta", 0.5) })}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, `a factor for "beta", which is no input: the scalar inputs are squared/rate`)
}

func TestADryRunTriesEverythingOnce(t *testing.T) {
	o := resumable(t.TempDir())
	o.DryRun = 2
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	require.Equal(t, 2, r.Steps)
	require.NotNil(t, r.Epochs[0].Validation)
	require.NoDirExists(t, o.Checkpoints.Dir+"/step-000000002.safetensors")
}

func TestOverfittingLearnsAFewBatchesByHeart(t *testing.T) {
	o := options(1)
	o.Overfit, o.Epochs = 1, 400
	r := fit(t, narrow{}, o)
	require.Equal(t, 400, r.Steps)
	require.Less(t, r.Epochs[399].Loss, 0.01)
}

func TestAPartOfTheTrainingSetIsHeldOut(t *testing.T) {
	o := options(1)
	o.ValidationSplit = &data.SplitOptions{Count: 26, Seed: 1}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	require.Equal(t, 4, r.Epochs[0].Steps, "64 samples are left")
	require.NotNil(t, r.Epochs[0].Validation)
	o.Validation = points{n: 3}
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "both Options.Validation and Options.ValidationSplit are set")
}

func TestFrozenWeightsStayAsTheyAreUntilTheirEpoch(t *testing.T) {
	frozen := func(until, epochs int) (moved map[string]bool) {
		o := options(1)
		o.Epochs, o.Freeze = epochs, []train.Freeze{{Names: []string{"code/*"}, Until: until}}
		start, err := train.Fit(t.Context(), narrow{}, points{n: 90}, train.Options{Backend: o.Backend, Seed: 1, Schedules: map[string]train.Schedule{"rate": train.Constant(0)}})
		require.NoError(t, err)
		r := fit(t, narrow{}, o)
		moved = map[string]bool{}
		for _, w := range start.Params.Trainable() {
			moved[w.Name()] = !slices.Equal(w.Floats(), r.Params.Get(w.Name()).Floats())
		}
		return moved
	}
	still := map[string]bool{"code/w": false, "code/b": false, "out/w": true, "out/b": true}
	require.Equal(t, still, frozen(0, 3))
	require.Equal(t, still, frozen(2, 2))
	require.Equal(t, map[string]bool{"code/w": true, "code/b": true, "out/w": true, "out/b": true}, frozen(2, 3))
	o := options(1)
	o.Freeze = []train.Freeze{{Names: []string{"kode/*"}}}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, `the pattern "!kode/*" matches no weight`)
}

// order records the calls of a callback.
type order struct {
	name string
	log  *[]string
}

func (o order) Start(*train.Run) error { *o.log = append(*o.log, o.name+" start"); return nil }
func (o order) Step(*train.Run) error  { *o.log = append(*o.log, o.name+" step"); return nil }
func (o order) Epoch(*train.Run) error { *o.log = append(*o.log, o.name+" epoch"); return nil }
func (o order) End(_ *train.Run, failed error) error {
	*o.log = append(*o.log, o.name+" end")
	return failed
}

func TestCallbacksAreCalledInTheirOrder(t *testing.T) {
	var log []string
	o := options(1)
	o.Steps, o.Callbacks = 2, []train.Callback{order{"a", &log}, order{"b", &log}}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	require.Equal(t, []string{"a start", "b start", "a step", "b step", "a step", "b step", "a epoch", "b epoch", "a end", "b end"}, log)

	log = nil
	fails := errors.New("no more")
	o.Callbacks = append(o.Callbacks, after(func(*train.Run) error { return fails }))
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorIs(t, err, fails)
	require.ErrorContains(t, err, "train_test.afterStep")
	require.Equal(t, []string{"a start", "b start", "a step", "b step", "a end", "b end"}, log)
}
