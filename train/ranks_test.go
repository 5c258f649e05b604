package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// trained is what a rank ends with.
type trained struct {
	*train.Result
	err error
}

// together trains on n ranks in this process; change adapts the options of each.
func together(n int, m train.Model, set data.Set, o train.Options, change func(rank int, o *train.Options)) []trained {
	out := make([]trained, n)
	var all sync.WaitGroup
	for i, g := range collective.Local(n) {
		all.Go(func() {
			own := o
			own.Group, own.Params = g, nil
			if change != nil {
				change(i, &own)
			}
			out[i].Result, out[i].err = train.Fit(context.Background(), m, set, own)
		})
	}
	all.Wait()
	return out
}

// grouped are options for ranks, each on one thread.
func grouped(epochs int) train.Options {
	return train.Options{Backend: cpu.Config{Threads: 1}, Epochs: epochs, Batch: 16, Seed: 9, Validation: points{n: 37}, EvalBatch: 8}
}

// weights are all parameters, flat.
func weights(r *train.Result) (out []float64) {
	for _, p := range r.Params.All() {
		out = append(out, p.Floats()...)
	}
	return out
}

func TestRanksTrainAsOneProcessDoes(t *testing.T) {
	for _, on := range []vm.Backend{cpu.Config{Threads: 1}, tape.Config{}} {
		t.Run(fmt.Sprintf("%T", on), func(t *testing.T) { ranksTrainAsOneProcess(t, on) })
	}
}

func ranksTrainAsOneProcess(t *testing.T, on vm.Backend) {
	o := grouped(3)
	o.Backend = on
	alone, err := train.Fit(context.Background(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	for _, n := range []int{1, 2, 3, 4, 16} {
		for rank, got := range together(n, narrow{}, points{n: 90}, o, nil) {
			require.NoError(t, got.err)
			require.Equal(t, alone.Steps, got.Steps)
			for e, epoch := range alone.Epochs {
				require.InDeltaSlice(t, epoch.Losses, got.Epochs[e].Losses, 1e-5, "%d ranks, rank %d", n, rank)
				require.InDelta(t, epoch.Validation[train.Loss], got.Epochs[e].Validation[train.Loss], 1e-5)
			}
		}
	}
}

func TestExactRanksEndInTheSameBits(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		o := grouped(3)
		o.Exact = 5
		var want []float64
		var losses []train.Epoch
		for _, n := range []int{1, 2, 3, 5} {
			for _, got := range together(n, narrow{}, points{n: 90}, o, func(_ int, o *train.Options) { o.Params = graph.NewParams(dtype, o.Seed) }) {
				require.NoError(t, got.err)
				if want == nil {
					want, losses = weights(got.Result), got.Epochs
				}
				require.Equal(t, want, weights(got.Result), "%v on %d ranks", dtype, n)
				for e := range losses {
					require.Equal(t, losses[e].Losses, got.Epochs[e].Losses)
					require.Equal(t, losses[e].Validation, got.Epochs[e].Validation)
				}
			}
		}
	}
}

// drawnSet has the inputs of a model of the zoo.
type drawnSet struct {
	fields []data.Field
	values map[string][]float32
	n      int
}

func (d drawnSet) Len() int             { return d.n }
func (d drawnSet) Fields() []data.Field { return d.fields }
func (d drawnSet) Read(i int, to [][]float32) error {
	for k, f := range d.fields {
		copy(to[k], d.values[f.Name][i*f.Size():(i+1)*f.Size()])
	}
	return nil
}

func TestEveryModelTrainsOnRanksAsOnOne(t *testing.T) {
	all := zoo.All()
	if testing.Short() {
		all = all[:4]
	}
	for _, e := range all {
		t.Run(e.Name, func(t *testing.T) {
			const n, steps = 8, 5
			programs, err := train.TrainPrograms(e.Model, n, train.Options{Seed: 4})
			require.NoError(t, err)
			set := drawnSet{n: n, values: map[string][]float32{}}
			for _, p := range programs {
				for name, x := range e.Feed(p, rand.New(rand.NewPCG(1, 2))) {
					if set.values[name] == nil {
						in, _ := p.Input(name)
						set.values[name] = x
						set.fields = append(set.fields, data.Field{Name: name, Shape: slices.Clone(in.Shape[1:])})
					}
				}
			}
			o := train.Options{Backend: cpu.Config{Threads: 1}, Batch: n, Epochs: steps, Seed: 4, Exact: 4}
			var want *train.Result
			for _, ranks := range []int{1, 2, 4} {
				for _, got := range together(ranks, e.Model, set, o, nil) {
					require.NoError(t, got.err)
					if want == nil {
						want = got.Result
						for _, epoch := range want.Epochs {
							require.False(t, math.IsNaN(epoch.Loss))
						}
					}
					for i := range want.Epochs {
						require.Equal(t, want.Epochs[i].Losses, got.Epochs[i].Losses, "%d ranks, step %d", ranks, i)
					}
					require.Equal(t, weights(want), weights(got.Result), "%d ranks", ranks)
				}
			}
		})
	}
}

func TestATrainingGoesOnOnAnotherNumberOfRanks(t *testing.T) {
	settings := func(dir string) train.Options {
		o := resumable(dir)
		o.Backend, o.Exact = cpu.Config{Threads: 1}, 4
		return o
	}
	whole, cut := t.TempDir(), t.TempDir()
	for _, got := range together(2, narrow{}, points{n: 90}, settings(whole), nil) {
		require.NoError(t, got.err)
	}
	name, want := final(t, whole)

	interrupt, stop := context.WithCancel(context.Background())
	defer stop()
	o := settings(cut)
	var all sync.WaitGroup
	for i, g := range collective.Local(4) {
		all.Go(func() {
			own := o
			own.Group = g
			ctx := context.Background()
			if i == 2 { // a signal reaches one rank alone
				ctx = interrupt
				own.Callbacks = []train.Callback{after(func(r *train.Run) error {
					if r.Steps == 6 {
						stop()
					}
					return nil
				})}
			}
			r, err := train.Fit(ctx, narrow{}, points{n: 90}, own)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 7, r.Steps)
		})
	}
	all.Wait()
	require.FileExists(t, filepath.Join(cut, "step-000000007.safetensors"))
	for _, got := range together(2, narrow{}, points{n: 90}, settings(cut), func(_ int, o *train.Options) { o.Exact = 2 }) {
		require.ErrorContains(t, got.err, "micro-batch: 2 exact pieces here, 4 exact pieces there")
	}
	for _, got := range together(3, narrow{}, points{n: 90}, settings(cut), nil) {
		require.NoError(t, got.err)
	}
	end, got := final(t, cut)
	require.Equal(t, name, end)
	require.Equal(t, want, got)
}

func TestTheTimeOfOneRankEndsAll(t *testing.T) {
	o := grouped(1000000)
	for _, got := range together(2, narrow{}, points{n: 90}, o, func(rank int, o *train.Options) {
		if rank == 1 {
			o.MaxTime = 50 * time.Millisecond
		}
	}) {
		require.NoError(t, got.err)
		require.NotZero(t, got.Steps)
		require.Equal(t, "Options.MaxTime has passed", got.Stopped)
	}
}

// lostDisk fails to read a sample.
type lostDisk struct {
	points
	at int
}

func (b lostDisk) Read(i int, to [][]float32) error {
	if i == b.at {
		return errors.New("the disk is gone")
	}
	return b.points.Read(i, to)
}

func TestARankThatFailsEndsAll(t *testing.T) {
	groups := collective.Local(3)
	errs := make([]error, len(groups))
	var all sync.WaitGroup
	for i, g := range groups {
		all.Go(func() {
			o := grouped(3)
			o.Group = g
			var set data.Set = points{n: 90}
			if i == 1 {
				set = lostDisk{points{n: 90}, 40}
			}
			_, errs[i] = train.Fit(context.Background(), narrow{}, set, o)
		})
	}
	all.Wait()
	for i, err := range errs {
		require.ErrorContains(t, err, "the disk is gone")
		if i != 1 {
			require.ErrorContains(t, err, "rank 1: ")
		}
	}
}

func TestRanksThatDifferAreNamed(t *testing.T) {
	for want, change := range map[string]func(rank int, o *train.Options){
		"rank 2 trains otherwise than rank 0:\n\tbatch: 8, on rank 0 16": func(rank int, o *train.Options) {
			if rank == 2 {
				o.Batch = 8
			}
		},
		"seed: 10, on rank 0 9": func(rank int, o *train.Options) {
			if rank == 1 {
				o.Seed = 10
			}
		},
		"weights: ": func(rank int, o *train.Options) {
			if rank == 1 {
				o.Params = graph.NewParams(graph.Float32, 77)
				_ = o.Params.Start("enc/w", graph.Shape{12, 4}, make([]float64, 48))
			}
		},
	} {
		for _, got := range together(3, narrow{}, points{n: 90}, grouped(1), change) {
			require.ErrorContains(t, got.err, want)
		}
	}
}

func TestWeightsThatPartAreFound(t *testing.T) {
	for _, got := range together(2, narrow{}, points{n: 90}, grouped(2), func(rank int, o *train.Options) {
		if rank == 1 {
			o.Callbacks = []train.Callback{after(func(r *train.Run) error {
				w := r.Params().Trainable()[0]
				x := w.Floats()
				x[0]++
				return w.SetFloats(x)
			})}
		}
	}) {
		require.ErrorContains(t, got.err, "after epoch 1 the weights of rank 1 are no longer those of rank 0")
	}
}

// counter is a Reporter that counts.
type counter struct {
	train.Base
	steps *int
}

func (counter) Reports() {}
func (c counter) Step(*train.Run) error {
	*c.steps++
	return nil
}

func TestOnlyRank0Reports(t *testing.T) {
	var steps [3]int
	for _, got := range together(3, narrow{}, points{n: 90}, grouped(1), func(rank int, o *train.Options) {
		o.Callbacks = []train.Callback{counter{steps: &steps[rank]}}
	}) {
		require.NoError(t, got.err)
	}
	require.Equal(t, [3]int{6, 0, 0}, steps)
}

func TestSettingsOfGroupsThatCannotBe(t *testing.T) {
	g := collective.Local(4)[0]
	for want, o := range map[string]train.Options{
		"Options.Exact needs Options.Group":                     {Exact: 2},
		"Options.Exact cuts batches into 2 pieces, for 4 ranks": {Exact: 2, Group: g},
		"Options.Exact is -1":                                   {Exact: -1, Group: g},
		"Options.Exact is 17":                                   {Exact: 17, Batch: 16, Group: g},
		"Options.MicroBatch and Options.Group are both set":     {MicroBatch: 2, Group: g},
	} {
		o.Backend = cpu.Config{}
		_, err := train.Fit(context.Background(), narrow{}, points{n: 90}, o)
		require.ErrorContains(t, err, want)
	}
}
