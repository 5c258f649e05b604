package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// Run searches a space. It trains what build returns on one set, and compares trials by
// their metric on the other. The result has the trials so far also if there is an error,
// such as that of a cancelled context. A trial whose training fails, such as by a NaN, is
// no error; that all of them fail is one, and so is an error of the file system.
//
// The folder Options.Dir has for each trial a folder "trial-0001" and so on, with its
// checkpoints and "trial.json", the settings as "search.json", and at the end of a round
// the table as "trials.csv". Package figure draws a result.
func Run(ctx context.Context, space Space, build Build, training, validation data.Set, o Options) (*Result, error) {
	r := &runner{build: build, training: training, validation: validation}
	result := &Result{Space: space, Metric: o.Metric, Maximize: o.Maximize}
	var err error
	if r.o, err = o.complete(ctx, build, training, validation); err != nil {
		return result, fmt.Errorf("search: %w", err)
	}
	result.Metric = r.o.Metric
	if r.optimizer, err = NewOptimizer(space, r.o.Method, o.Seed); err != nil {
		return result, err
	}
	if err := r.open(); err != nil {
		return result, errors.Join(fmt.Errorf("search: %w", err), r.close())
	}
	r.result = result
	err = r.search(ctx)
	r.collect()
	if err = errors.Join(err, r.close()); err != nil {
		return result, fmt.Errorf("search: %w", err)
	}
	return result, nil
}

// collect takes the trials of which something is known over to the result.
func (r *runner) collect() {
	r.result.Trials = nil
	for _, t := range r.trials {
		if t.Error != "" || len(t.Epochs) > 0 {
			r.result.Trials = append(r.result.Trials, *t)
		}
	}
}

// runner is a search in progress.
type runner struct {
	o                    Options
	optimizer            *Optimizer
	build                Build
	training, validation data.Set
	dir                  string
	lock                 *flock.Flock
	result               *Result

	mu     sync.Mutex // guards what trials of a round share: the log
	trials []*Trial
	before []*Trial // those of earlier rounds
	best   *logged
}

// logged is a trial as the log has it: it may go on meanwhile.
type logged struct {
	number int
	value  float64
}

// open creates and locks the folder, and checks that it belongs to the same search.
func (r *runner) open() (err error) {
	if r.dir = r.o.Dir; r.dir == "" {
		r.dir, err = os.MkdirTemp("", "search-*")
		return err
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	r.lock = flock.New(filepath.Join(r.dir, "lock"))
	free, err := r.lock.TryLock()
	if err != nil {
		return err
	}
	if !free {
		return fmt.Errorf("another search uses %s: wait for its end, or choose another folder", r.dir)
	}
	if err := atomicfile.CleanAll(r.dir); err != nil {
		return err
	}
	return r.sameSearch()
}

// sameSearch compares the settings with those in the folder, and writes them if there are
// none.
func (r *runner) sameSearch() error {
	o := r.o
	settings := []struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	}{
		{"space", r.optimizer.space}, {"method", fmt.Sprintf("%T%+v", o.Method, o.Method)}, {"seed", o.Seed}, {"round", o.Round},
		{"metric", o.Metric}, {"maximize", o.Maximize}, {"halving", o.Halving}, {"median", o.Median},
		{"training samples", r.training.Len()}, {"validation samples", r.validation.Len()},
	}
	path := filepath.Join(r.dir, "search.json")
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return writeJSON(path, settings)
	}
	if err != nil {
		return err
	}
	var there []struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(content, &there); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i, s := range settings {
		if i >= len(there) || there[i].Name != s.Name || !same(there[i].Value, s.Value) {
			return fmt.Errorf("%s belongs to another search, of which the %s is different: choose another folder", r.dir, s.Name)
		}
	}
	return nil
}

func (r *runner) close() error {
	if r.o.Dir == "" && r.dir != "" {
		return os.RemoveAll(r.dir)
	}
	if r.lock != nil {
		return r.lock.Close()
	}
	return nil
}

// search runs all rounds.
func (r *runner) search(ctx context.Context) error {
	var err error
	if r.o.Halving != nil {
		err = r.brackets(ctx)
	} else {
		_, err = r.fresh(ctx, r.o.Trials, 0, 0)
	}
	if err != nil {
		return err
	}
	for _, t := range r.trials {
		if t.Error == "" {
			return nil
		}
	}
	if len(r.trials) == 0 {
		return errors.New("the method suggests nothing")
	}
	return fmt.Errorf("all %d trials failed, the first with: %s", len(r.trials), r.trials[0].Error)
}

// brackets runs those of halving.
func (r *runner) brackets(ctx context.Context) error {
	all, err := r.o.Halving.Brackets()
	if err != nil {
		return err
	}
	for b, rungs := range all {
		n := rungs[0].Trials
		if r.o.Trials > 0 {
			n = min(n, r.o.Trials-len(r.trials))
		}
		left, err := r.fresh(ctx, n, b+1, rungs[0].Epochs)
		if err != nil {
			return err
		}
		for _, rung := range rungs[1:] {
			left = r.o.promoted(left, rung.Trials)
			if err := r.round(ctx, left, rung.Epochs); err != nil {
				return err
			}
		}
	}
	return nil
}

// fresh runs n new trials, round by round.
func (r *runner) fresh(ctx context.Context, n, bracket, epochs int) (all []*Trial, err error) {
	for len(all) < n {
		suggested, err := r.optimizer.Suggest(min(r.o.Round, n-len(all)))
		if err != nil || len(suggested) == 0 {
			return all, err
		}
		var trials []*Trial
		for _, s := range suggested {
			trials = append(trials, &Trial{Number: s.Number, Values: s.Values, Bracket: bracket})
		}
		all, r.trials = append(all, trials...), append(r.trials, trials...)
		if err := r.round(ctx, trials, epochs); err != nil {
			return all, err
		}
	}
	return all, nil
}

// round runs trials up to a number of epochs, or to their end if it is 0, and observes
// them in order.
func (r *runner) round(ctx context.Context, trials []*Trial, epochs int) error {
	next, errs := make(chan int), make([]error, len(trials))
	var workers sync.WaitGroup
	for w := range min(r.o.Parallel, len(trials)) {
		workers.Go(func() {
			for i := range next {
				start := time.Now()
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = r.trial(ctx, trials[i], epochs, r.o.Backends[w%len(r.o.Backends)])
				}
				if errs[i] == nil {
					r.log(trials[i], time.Since(start))
				}
			}
		})
	}
	for i := range trials {
		next <- i
	}
	close(next)
	workers.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, t := range trials {
		cost := math.Inf(1)
		if v, ok := t.Value(); ok {
			cost = r.o.cost(v)
		}
		errs = append(errs, r.optimizer.ObserveAt(t.Number, epochs, cost))
	}
	r.before = r.trials
	r.collect()
	return errors.Join(append(errs, r.result.table(r.o.Dir))...)
}
