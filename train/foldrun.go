package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// crossValidation is a cross-validation in progress.
type crossValidation struct {
	model Model
	o     Options
	by    FoldOptions
	folds []data.Fold
}

func newCrossValidation(ctx context.Context, m Model, set data.Set, o Options, by FoldOptions) (*crossValidation, error) {
	if by.Folds == 0 {
		by.Folds = 5
	}
	if len(by.Backends) == 0 {
		by.Backends = []vm.Backend{o.Backend}
	}
	switch {
	case m == nil:
		return nil, errNoModel
	case ctx == nil:
		return nil, errNoContext
	case slices.Contains(by.Backends, nil):
		return nil, errNoBackend
	case by.Folds < 2 || by.Parallel < 0:
		return nil, fmt.Errorf("%d folds, %d side by side: want at least 2 folds, and no negative number", by.Folds, by.Parallel)
	case len(o.Callbacks) > 0:
		return nil, errors.New("Options.Callbacks would follow all folds at the same time: set FoldOptions.Callbacks")
	case o.Checkpoints != nil && o.Checkpoints.Dir == "":
		return nil, o.Checkpoints.validate()
	}
	if o.DryRun > 0 {
		o.Checkpoints = nil
	}
	parts, err := data.Folds(set, by.Folds, by.By)
	if err != nil {
		return nil, err
	}
	by.Parallel = min(max(by.Parallel, 1), len(parts))
	if o.Progress != nil && by.Parallel > 1 {
		o.Progress = &lockedWriter{w: o.Progress}
	}
	return &crossValidation{m, o, by, parts}, nil
}

// run trains the folds and returns the results of those that are complete.
func (v *crossValidation) run(ctx context.Context) ([]FoldResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := make(chan int)
	results, errs := make([]*FoldResult, len(v.folds)), make([]error, len(v.folds))
	var workers sync.WaitGroup
	for w := range v.by.Parallel {
		workers.Go(func() {
			for i := range next {
				if errs[i] = ctx.Err(); errs[i] == nil {
					results[i], errs[i] = v.fold(ctx, i, v.by.Backends[w%len(v.by.Backends)])
				}
				if errs[i] != nil {
					errs[i] = fmt.Errorf("fold %d: %w", i+1, errs[i])
					cancel()
				}
			}
		})
	}
	for i := range v.folds {
		next <- i
	}
	close(next)
	workers.Wait()
	var done []FoldResult
	for _, r := range results {
		if r != nil {
			done = append(done, *r)
		}
	}
	return done, first(errs)
}

// first is the first error that is not the end of the context, or else the first.
func first(errs []error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) })
	if i < 0 {
		i = slices.IndexFunc(errs, func(err error) bool { return err != nil })
	}
	if i < 0 {
		return nil
	}
	return errs[i]
}

// fold trains and evaluates one fold, unless its folder has the result.
func (v *crossValidation) fold(ctx context.Context, i int, backend vm.Backend) (*FoldResult, error) {
	training, test := v.folds[i].Train, v.folds[i].Test
	if prepare := v.by.Prepare; prepare != nil {
		var err error
		if training, test, err = prepare(training, test); err != nil {
			return nil, fmt.Errorf("FoldOptions.Prepare: %w", err)
		}
		if training == nil || test == nil {
			return nil, errors.New("FoldOptions.Prepare returned no set")
		}
	}
	o := v.o
	o.Backend, o.Seed = backend, splitMix(o.Seed, i+1)
	o.Name = strings.TrimSpace(fmt.Sprintf("%s fold %d/%d", o.Name, i+1, len(v.folds)))
	dtype := graph.Float32
	if o.Params != nil {
		dtype = o.Params.Dtype()
	}
	o.Params = graph.NewParams(dtype, o.Seed)
	if v.by.Callbacks != nil {
		o.Callbacks = v.by.Callbacks(i + 1)
	}
	file := foldFile{}
	if o.Checkpoints != nil {
		own := *o.Checkpoints
		own.Dir = filepath.Join(own.Dir, fmt.Sprintf("fold-%d", i+1))
		o.Checkpoints = &own
		var err error
		if file, err = v.foldFile(own, i, o, training, test); err != nil {
			return nil, err
		}
		if r, err := file.read(own.Resume); r != nil || err != nil {
			return r, err
		}
	}
	t, err := New(v.model, o)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	trained, err := t.Fit(ctx, training)
	if err != nil {
		return nil, err
	}
	r := &FoldResult{Fold: i + 1, Seed: o.Seed, Samples: training.Len(), Tested: test.Len(), Params: trained.Params}
	if n := len(trained.Epochs); n > 0 {
		r.Training = trained.Epochs[n-1].Metrics
	}
	if r.Test, err = t.Evaluate(ctx, test); err != nil {
		return nil, err
	}
	return r, file.write(r)
}

// splitMix is element i, from 1, of the SplitMix64 sequence of a seed.
func splitMix(seed uint64, i int) uint64 {
	z := seed + uint64(i)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// lockedWriter lets several trainings write whole lines.
type lockedWriter struct {
	sync.Mutex
	w io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.w.Write(p)
}
