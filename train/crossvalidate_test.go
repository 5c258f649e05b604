package train_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

func foldOptions() train.Options {
	return train.Options{Backend: cpu.Config{Threads: 1}, Optimizer: optim.Adam{Rate: new(0.02)}, Epochs: 2, Batch: 16, Seed: 7}
}

// withoutParams removes what two runs of the same folds may differ in.
func withoutParams(c *train.CrossValidation) *train.CrossValidation {
	for i := range c.Folds {
		c.Folds[i].Params = nil
	}
	return c
}

func TestFoldsAreTheSameHoweverManyAreTrainedSideBySide(t *testing.T) {
	var want *train.CrossValidation
	for _, parallel := range []int{1, 2, 3} {
		var progress bytes.Buffer
		o := foldOptions()
		o.Progress = &progress
		c, err := train.CrossValidate(t.Context(), narrow{noise: 0.1}, points{n: 60}, o, train.FoldOptions{
			Folds: 3, Parallel: parallel, Backends: []vm.Backend{cpu.Config{Threads: 1}, cpu.Config{Threads: 2}},
		})
		require.NoError(t, err)
		require.Equal(t, 6, bytes.Count(progress.Bytes(), []byte("\n")), "a line for each epoch")
		if want == nil {
			want = c
		}
		require.Equal(t, withoutParams(want), withoutParams(c))
	}
	require.Len(t, want.Folds, 3)
	var sum float64
	for i, f := range want.Folds {
		require.Equal(t, i+1, f.Fold)
		require.Equal(t, 40, f.Samples)
		require.Equal(t, 20, f.Tested)
		sum += f.Test[train.MSE]
	}
	require.NotEqual(t, want.Folds[0].Seed, want.Folds[1].Seed)
	require.InDelta(t, sum/3, want.Mean[train.MSE], 1e-12)
	require.Greater(t, want.Std[train.MSE], 0.0)
	require.Regexp(t, `^largest \S+ ± \S+, mse \S+ ± \S+, squared \S+ ± \S+ in 3 folds$`, want.String())
}

func TestAFoldIsATrainingOnItsTrainingPart(t *testing.T) {
	c, err := train.CrossValidate(t.Context(), narrow{}, points{n: 50}, foldOptions(), train.FoldOptions{By: data.FoldOptions{InOrder: true}, Folds: 2})
	require.NoError(t, err)
	folds, err := data.Folds(points{n: 50}, 2, data.FoldOptions{InOrder: true})
	require.NoError(t, err)
	for i, f := range c.Folds {
		o := foldOptions()
		o.Seed = f.Seed
		r, err := train.Fit(t.Context(), narrow{}, folds[i].Train, o)
		require.NoError(t, err)
		require.Equal(t, states(r.Params), states(f.Params))
		o.Params = r.Params
		test, err := train.Evaluate(t.Context(), narrow{}, folds[i].Test, o)
		require.NoError(t, err)
		require.Equal(t, test, f.Test)
		require.Equal(t, r.Epochs[1].Metrics, f.Training)
	}
}

func TestAKilledCrossValidationEndsInTheSameNumbers(t *testing.T) {
	dir := t.TempDir()
	resumed := func(dir string, folds train.FoldOptions) (*train.CrossValidation, error) {
		o := foldOptions()
		o.Checkpoints = &train.Checkpoints{Dir: dir, EverySteps: 1, Resume: true}
		folds.Folds = 3
		return train.CrossValidate(t.Context(), narrow{noise: 0.1}, points{n: 45}, o, folds)
	}
	copies := &copier{t: t, from: dir}
	want, err := resumed(dir, train.FoldOptions{Callbacks: func(int) []train.Callback { return []train.Callback{copies} }})
	require.NoError(t, err)
	withoutParams(want)
	require.Len(t, copies.to, 12)
	for step, left := range copies.to {
		steps := 0
		got, err := resumed(left, train.FoldOptions{Callbacks: func(int) []train.Callback {
			return []train.Callback{after(func(*train.Run) error { steps++; return nil })}
		}})
		require.NoError(t, err)
		require.Equal(t, want, withoutParams(got))
		require.LessOrEqual(t, steps, 13-step, "the checkpoint of the step before may still be written")
	}
	again, err := resumed(dir, train.FoldOptions{Callbacks: func(int) []train.Callback { return []train.Callback{after(nil)} }})
	require.NoError(t, err, "no step is taken again")
	require.Equal(t, want, again)

	o := foldOptions()
	o.Checkpoints = &train.Checkpoints{Dir: dir, Resume: true}
	o.Epochs, o.Batch = 3, 8
	_, err = train.CrossValidate(t.Context(), narrow{noise: 0.1}, points{n: 45}, o, train.FoldOptions{Folds: 3})
	require.ErrorContains(t, err, "epochs: 3 here, 2 there\n\tbatch: 8 here, 16 there")
	o.Checkpoints.Resume = false
	_, err = train.CrossValidate(t.Context(), narrow{noise: 0.1}, points{n: 45}, o, train.FoldOptions{Folds: 3})
	require.ErrorContains(t, err, "set Checkpoints.Resume")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fold-2", "result.json"), []byte("{"), 0o600))
	_, err = resumed(dir, train.FoldOptions{})
	require.ErrorContains(t, err, "remove the file to train and evaluate the fold again")
}

func TestPrepareLearnsFromTheTrainingPart(t *testing.T) {
	var seen []int
	prepare := func(training, test data.Set) (data.Set, data.Set, error) {
		seen = append(seen, training.Len(), test.Len())
		test, err := data.Standardize(test, "x", training)
		if err != nil {
			return nil, nil, err
		}
		training, err = data.Standardize(training, "x", training)
		return training, test, err
	}
	plain, err := train.CrossValidate(t.Context(), narrow{}, points{n: 30}, foldOptions(), train.FoldOptions{Folds: 2})
	require.NoError(t, err)
	c, err := train.CrossValidate(t.Context(), narrow{}, points{n: 30}, foldOptions(), train.FoldOptions{Folds: 2, Prepare: prepare})
	require.NoError(t, err)
	require.Equal(t, []int{15, 15, 15, 15}, seen)
	require.NotEqual(t, plain.Mean, c.Mean)
	bad := errors.New("no scale")
	c, err = train.CrossValidate(t.Context(), narrow{}, points{n: 30}, foldOptions(), train.FoldOptions{Prepare: func(a, b data.Set) (data.Set, data.Set, error) { return a, b, bad }})
	require.ErrorIs(t, err, bad)
	require.Empty(t, c.Folds)
}

func TestCrossValidationRefusesWhatItCannotDo(t *testing.T) {
	for want, change := range map[string]func(*train.Options, *train.FoldOptions){
		"1 folds":                   func(_ *train.Options, f *train.FoldOptions) { f.Folds = 1 },
		"no backend":                func(o *train.Options, _ *train.FoldOptions) { o.Backend = nil },
		"set FoldOptions.Callbacks": func(o *train.Options, _ *train.FoldOptions) { o.Callbacks = []train.Callback{train.Base{}} },
		"has no folder: set Dir":    func(o *train.Options, _ *train.FoldOptions) { o.Checkpoints = &train.Checkpoints{} },
		`no field "label"`:          func(_ *train.Options, f *train.FoldOptions) { f.By.Stratify = "label" },
		"fold 1: train: -1 epochs":  func(o *train.Options, _ *train.FoldOptions) { o.Epochs = -1 },
		"Prepare returned no set": func(_ *train.Options, f *train.FoldOptions) {
			f.Prepare = func(_, _ data.Set) (_, _ data.Set, _ error) { return }
		},
		"fold 2: train: callback 1 is nil": func(_ *train.Options, f *train.FoldOptions) {
			f.Callbacks = func(fold int) []train.Callback { return make([]train.Callback, fold-1) }
		},
	} {
		o, f := foldOptions(), train.FoldOptions{}
		change(&o, &f)
		_, err := train.CrossValidate(t.Context(), narrow{}, points{n: 20}, o, f)
		require.ErrorContains(t, err, want)
	}
}
