package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// resumable are the options of a training that writes checkpoints into a folder.
func resumable(dir string) train.Options {
	return train.Options{
		Backend: cpu.Config{}, Optimizer: optim.Adam{Rate: new(0.02)}, Epochs: 3, Batch: 16, Seed: 9, Validation: points{n: 21},
		Schedules:   map[string]train.Schedule{"rate": train.Cosine(0.02, 0.001)},
		Checkpoints: &train.Checkpoints{Dir: dir, EverySteps: 2, Best: 1, Metric: train.MSE, Resume: true},
	}
}

// copier copies a folder after every step, as a killed process would leave it.
type copier struct {
	train.Base
	t    *testing.T
	from string
	to   []string
}

func (c *copier) Step(r *train.Run) error {
	for { // until no file vanishes meanwhile
		to := filepath.Join(c.t.TempDir(), "run")
		err := os.CopyFS(to, os.DirFS(c.from))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		require.NoError(c.t, err)
		c.to = append(c.to, to)
		return nil
	}
}

// written waits for the checkpoint after a step, which is written while training goes on.
func written(t *testing.T, dir string, step int) {
	t.Helper()
	path := filepath.Join(dir, fmt.Sprintf("step-%09d.safetensors", step))
	for range 10000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	require.FileExists(t, path)
}

// final is the newest checkpoint of a folder.
func final(t *testing.T, dir string) (name string, content []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "step-*.safetensors"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	last := files[len(files)-1]
	content, err = os.ReadFile(last)
	require.NoError(t, err)
	return filepath.Base(last), content
}

func TestATrainingKilledAfterAnyStepEndsInTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	copies := &copier{t: t, from: dir}
	o := resumable(dir)
	o.Callbacks = []train.Callback{copies}
	whole, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, o)
	require.NoError(t, err)
	name, want := final(t, dir)
	require.Equal(t, "step-000000018.safetensors", name)
	require.Len(t, copies.to, 18)
	for step, left := range copies.to {
		r, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, resumable(left))
		require.NoError(t, err)
		again, got := final(t, left)
		require.Equal(t, name, again)
		require.Equal(t, want, got, "killed after step %d", step+1)
		require.Equal(t, states(whole.Params), states(r.Params))
		require.Len(t, r.Epochs, 3)
		for i, e := range r.Epochs {
			require.Equal(t, whole.Epochs[i].Loss, e.Loss)
			require.Equal(t, whole.Epochs[i].Validation, e.Validation)
		}
		require.FileExists(t, filepath.Join(left, "best-step-000000018.safetensors"))
	}
}

func TestACancelledTrainingGoesOnExactly(t *testing.T) {
	whole := t.TempDir()
	_, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 90}, resumable(whole))
	require.NoError(t, err)
	_, want := final(t, whole)
	dir := t.TempDir()
	for round := 1; ; round++ {
		ctx, cancel := context.WithCancel(t.Context())
		o := resumable(dir)
		o.Checkpoints.EverySteps, o.Checkpoints.EveryEpochs = 0, -1
		steps := 0
		o.Callbacks = []train.Callback{after(func(*train.Run) error {
			if steps++; steps == 4 {
				cancel()
			}
			return nil
		})}
		r, err := train.Fit(ctx, narrow{noise: 0.3}, points{n: 90}, o)
		cancel()
		if err == nil {
			require.Greater(t, round, 2)
			break
		}
		require.ErrorIs(t, err, context.Canceled)
		require.Contains(t, r.Warnings[len(r.Warnings)-1], "to go on, train again with Checkpoints.Resume")
	}
	_, got := final(t, dir)
	require.Equal(t, want, got)
}

// after is a callback of a function to call after each step.
func after(f func(*train.Run) error) train.Callback { return afterStep{f: f} }

type afterStep struct {
	train.Base
	f func(*train.Run) error
}

func (a afterStep) Step(r *train.Run) error { return a.f(r) }

func TestADataErrorLosesNoStep(t *testing.T) {
	whole := t.TempDir()
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(whole))
	require.NoError(t, err)
	_, want := final(t, whole)
	dir, fails := t.TempDir(), errors.New("the disk is gone")
	_, err = train.Fit(t.Context(), narrow{}, failing{points{n: 90}, fails}, resumable(dir))
	require.ErrorIs(t, err, fails)
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
	require.NoError(t, err)
	_, got := final(t, dir)
	require.Equal(t, want, got)
}

// failing is a set of which one sample cannot be read.
type failing struct {
	points
	err error
}

func (f failing) Read(i int, to [][]float32) error {
	if i == 40 {
		return f.err
	}
	return f.points.Read(i, to)
}

func TestAnotherTrainingIsRefusedWithTheDifferences(t *testing.T) {
	dir := t.TempDir()
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
	require.NoError(t, err)
	for want, change := range map[string]func(*train.Options) (train.Model, data.Set){
		"batch: 8 here, 16 there": func(o *train.Options) (train.Model, data.Set) { o.Batch = 8; return narrow{}, points{n: 90} },
		"seed: 10 here, 9 there":  func(o *train.Options) (train.Model, data.Set) { o.Seed = 10; return narrow{}, points{n: 90} },
		"samples: 91, shuffled: true here, 90, shuffled: true there": func(*train.Options) (train.Model, data.Set) {
			return narrow{}, points{n: 91}
		},
		"optimiser: optim.SGD{} here, optim.Adam{Rate: 0.02} there": func(o *train.Options) (train.Model, data.Set) {
			o.Optimizer = optim.SGD{}
			return narrow{}, points{n: 90}
		},
		"model: train_test.cross here, train_test.narrow there": func(*train.Options) (train.Model, data.Set) { return cross{}, points{n: 90} },
	} {
		o := resumable(dir)
		m, set := change(&o)
		_, err := train.Fit(t.Context(), m, set, o)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "it belongs to another training")
	}
	o := resumable(dir)
	o.Checkpoints.Resume = false
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.ErrorContains(t, err, "set Checkpoints.Resume to go on with it, or choose another folder")
}

func TestTwoTrainingsCannotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	o := resumable(dir)
	o.Callbacks = []train.Callback{train.OnEpoch(func(train.Epoch) error {
		_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
		require.ErrorContains(t, err, "another training writes checkpoints to "+dir)
		return nil
	})}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
}

func TestADamagedCheckpointIsReportedAndTheOneBeforeUsed(t *testing.T) {
	dir := t.TempDir()
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
	require.NoError(t, err)
	name, want := final(t, dir)
	path := filepath.Join(dir, name)
	for i := 0; i < len(want); i += 1 + len(want)/50 {
		damaged := append([]byte(nil), want...)
		damaged[i] ^= 0x20
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
		require.NoError(t, err)
		require.Len(t, r.Warnings, 1)
		require.Contains(t, r.Warnings[0], fmt.Sprintf("checkpoint %s: ", path))
		_, got := final(t, dir)
		require.Equal(t, want, got, "byte %d", i)
	}
	files, err := filepath.Glob(filepath.Join(dir, "step-*"))
	require.NoError(t, err)
	for _, f := range files {
		require.NoError(t, os.Truncate(f, 100))
	}
	_, err = train.Fit(t.Context(), narrow{}, points{n: 90}, resumable(dir))
	require.ErrorContains(t, err, "no checkpoint can be read")
}

func TestAFolderThatVanishesDoesNotEndTheTraining(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	o := resumable(dir)
	gone := false
	o.Callbacks = []train.Callback{after(func(r *train.Run) error {
		if r.Steps == 5 {
			written(t, dir, 4)
			gone = true
			return os.RemoveAll(dir)
		}
		return nil
	})}
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.True(t, gone)
	require.ErrorContains(t, err, "training is complete, but its last checkpoint could not be written")
	require.Regexp(t, "no checkpoint after step [46]", r.Warnings[0], "that after step 4 may still be in flight")
	require.Len(t, r.Epochs, 3)
}
