package search_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/search"
	"github.com/stheno-ml/stheno/vm"
)

// small is a space of trainings that take milliseconds. A rate of 1e30 fails.
var small = search.Space{
	search.Choice("net.activation", "relu", "tanh"),
	search.Int("net.hidden.0", 2, 6),
	search.Float("train.rate", 1e-3, 1).Log(),
	search.Choice("train.optimizer", "adam", "sgd", "broken"),
	search.Float("train.momentum", 0, 0.9).When("train.optimizer", "sgd"),
}

// table is a set of random rows of 5 numbers.
func table(t *testing.T, n int) data.Set {
	t.Helper()
	x := data.Array{Name: "x", Shape: []int{5}, Values: make([]float32, 5*n)}
	for i := range x.Values {
		x.Values[i] = float32((i*i*7+i*3)%11) / 11
	}
	set, err := data.InMemory(x)
	require.NoError(t, err)
	return set
}

func build(v search.Values) (train.Model, train.Options, error) {
	net := dense.Config{Input: 5, Overcomplete: true}
	o := train.Options{Epochs: 2, Batch: 8, Seed: 3}
	return net, o, errors.Join(v.Into("net", &net), v.Training("train", &o))
}

// counted counts the steps that trainings take.
func counted(steps *atomic.Int64, each func()) search.Build {
	return func(v search.Values) (train.Model, train.Options, error) {
		net := dense.Config{Input: 5, Overcomplete: true}
		o := train.Options{Epochs: 2, Batch: 8, Seed: 3}
		err := errors.Join(v.Into("net", &net), v.Training("train", &o))
		o.Callbacks = []train.Callback{step{f: func() { steps.Add(1); each() }}}
		o.Checkpoints = &train.Checkpoints{EverySteps: 1}
		return net, o, err
	}
}

type step struct {
	train.Base
	f func()
}

func (s step) Step(*train.Run) error { s.f(); return nil }

func options(dir string) search.Options {
	return search.Options{Method: search.TPE{Startup: 3}, Trials: 8, Round: 3, Backends: []vm.Backend{cpu.Config{Threads: 1}}, Seed: 5, Dir: dir}
}

// rows is the table of a search, without the seconds.
func rows(t *testing.T, r *search.Result) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, r.CSV(&out))
	all, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	var text []string
	for _, row := range all {
		text = append(text, strings.Join(row[:len(row)-1], "|"))
	}
	return strings.Join(text, "\n")
}

func TestResultsDoNotDependOnHowManyTrialsRunSideBySide(t *testing.T) {
	for name, change := range map[string]func(*search.Options){
		"TPE":     func(*search.Options) {},
		"GP":      func(o *search.Options) { o.Method = search.GP{Startup: 3} },
		"halving": func(o *search.Options) { o.Trials, o.Halving = 0, &search.Halving{MaxEpochs: 4, Eta: 2} },
		"median":  func(o *search.Options) { o.Median = &search.Median{Trials: 2} },
	} {
		t.Run(name, func(t *testing.T) {
			var want string
			for _, parallel := range []int{1, 2, 4} {
				o := options("")
				change(&o)
				o.Parallel = parallel
				var log bytes.Buffer
				o.Log = &log
				r, err := search.Run(t.Context(), small, build, table(t, 24), table(t, 9), o)
				require.NoError(t, err)
				require.GreaterOrEqual(t, bytes.Count(log.Bytes(), []byte("\n")), len(r.Trials))
				if want == "" {
					want = rows(t, r)
				}
				require.Equal(t, want, rows(t, r))
			}
			require.Contains(t, want, `the optimiser "broken" is unknown`)
			if name == "median" {
				require.Contains(t, want, search.Pruned)
			}
		})
	}
}

// copyOf copies a folder as a killed process would leave it.
func copyOf(t *testing.T, dir string) string {
	for { // until no file vanishes meanwhile
		to := filepath.Join(t.TempDir(), "search")
		err := os.CopyFS(to, os.DirFS(dir))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		require.NoError(t, err)
		return to
	}
}

func TestAKilledSearchEndsInTheSameTable(t *testing.T) {
	for name, halving := range map[string]*search.Halving{"whole": nil, "halving": {MaxEpochs: 4, Eta: 2}} {
		t.Run(name, func(t *testing.T) {
			var steps atomic.Int64
			var copies []string
			every := int64(11)
			if halving != nil {
				every = 31
			}
			dir := t.TempDir()
			o := options(dir)
			if o.Halving = halving; halving != nil {
				o.Trials = 0
			}
			r, err := search.Run(t.Context(), small, counted(&steps, func() {
				if n := steps.Load(); n%every == 1 || n == 2 {
					copies = append(copies, copyOf(t, dir))
				}
			}), table(t, 24), table(t, 9), o)
			require.NoError(t, err)
			want, all := rows(t, r), steps.Load()
			require.Greater(t, len(copies), 3)
			for i, left := range append(copies, dir) {
				steps.Store(0)
				o.Dir = left
				again, err := search.Run(t.Context(), small, counted(&steps, func() {}), table(t, 24), table(t, 9), o)
				require.NoError(t, err)
				require.Equal(t, want, rows(t, again))
				if i > 1 { // after two steps a checkpoint may still be in flight
					require.Less(t, steps.Load(), all)
				}
			}
			require.Zero(t, steps.Load(), "a complete search trains nothing")
			saved, err := os.ReadFile(filepath.Join(dir, "trials.csv"))
			require.NoError(t, err)
			require.Equal(t, len(r.Trials)+1, bytes.Count(saved, []byte("\n")))
		})
	}
}

func TestACancelledSearchGoesOn(t *testing.T) {
	r, err := search.Run(t.Context(), small, build, table(t, 24), table(t, 9), options(""))
	require.NoError(t, err)
	want, dir, rounds := rows(t, r), t.TempDir(), 0
	for done := false; !done; rounds++ {
		ctx, cancel := context.WithCancel(t.Context())
		var steps atomic.Int64
		r, err = search.Run(ctx, small, counted(&steps, func() {
			if steps.Load() == 7 {
				cancel()
			}
		}), table(t, 24), table(t, 9), options(dir))
		cancel()
		if done = err == nil; !done {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.Greater(t, rounds, 3)
	require.Equal(t, want, rows(t, r))
	more := options(dir)
	more.Trials = 10
	r, err = search.Run(t.Context(), small, build, table(t, 24), table(t, 9), more)
	require.NoError(t, err)
	require.Len(t, r.Trials, 10)
	require.True(t, strings.HasPrefix(rows(t, r), want), "the trials before are the same")
}

func TestRungsAreTheEpochsOfOneTraining(t *testing.T) {
	space := search.Space{search.Float("train.rate", 1e-3, 0.1).Log()}
	o := options("")
	o.Trials, o.Halving = 0, &search.Halving{MaxEpochs: 4, Eta: 2}
	r, err := search.Run(t.Context(), space, build, table(t, 24), table(t, 9), o)
	require.NoError(t, err)
	byLength := map[int]int{}
	for _, trial := range r.Trials {
		byLength[len(trial.Epochs)]++
		net, o, err := build(trial.Values)
		require.NoError(t, err)
		o.Backend, o.Validation, o.Epochs = cpu.Config{Threads: 1}, table(t, 9), 4
		whole, err := train.Fit(t.Context(), net, table(t, 24), o)
		require.NoError(t, err)
		for i, v := range trial.Epochs {
			require.Equal(t, whole.Epochs[i].Validation[train.Loss], v)
		}
	}
	require.Equal(t, map[int]int{1: 2, 2: 3, 4: 5}, byLength, "of 4, 3 and 3 trials in three brackets")
}

func ExampleRun() {
	space := search.Space{
		search.Int("net.hidden.0", 8, 64).Log(),
		search.Choice("net.activation", "relu", "tanh"),
		search.Float("train.rate", 1e-4, 1e-1).Log(),
	}
	build := func(v search.Values) (train.Model, train.Options, error) {
		var net dense.Config
		o := train.Options{Epochs: 1, Batch: 32}
		err := errors.Join(v.Into("net", &net), v.Training("train", &o))
		return net, o, err
	}
	found, err := search.Run(context.Background(), space, build, data.NewDigits(1, 256), data.NewDigits(2, 64), search.Options{
		Trials: 6, Backends: []vm.Backend{cpu.Config{}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	best, _ := found.Best().Value()
	fmt.Println("trials:", len(found.Trials))
	fmt.Println("the best is below the loss of an untrained net, 0.69:", best < 0.69)
	// Output:
	// trials: 6
	// the best is below the loss of an untrained net, 0.69: true
}
