package presets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/vm"
)

// Options are the settings of a run of presets. Only Dir and Backend have no default.
type Options struct {
	// Dir is the folder of all runs: each preset has one in it, with one for each seed.
	// A run that was interrupted goes on from what its folder has.
	Dir string
	// Seeds are the seeds, one run each; nil means 1.
	Seeds []uint64
	// Backend runs the nets, such as cpu.Config{}.
	Backend vm.Backend
	// Data is the folder of the data sets; "" means $STHENO_DATA.
	Data string
	// Trial limits the runs, to try them.
	Trial Trial
	// Progress shows the progress of training; nil shows none.
	Progress io.Writer
}

// Result is the outcome of one run of a preset.
type Result struct {
	Preset  Preset
	Seed    uint64
	Epochs  int                // over all stages
	Values  map[string]float64 // by metric
	Before  map[string]float64 // those of the untrained net
	Elapsed time.Duration      // of this process: training, if it was not complete, and scoring
	// Nets are the nets that the run has trained, in the order of their trainings.
	Nets []Net
	// Pictures are the files that the run has drawn.
	Pictures []Picture
	// Notes are remarks, such as settings that a figure depends on.
	Notes []string
}

// Train runs the preset with each seed. If a run fails, Train returns the results so
// far and the error.
func (p Preset) Train(ctx context.Context, o Options) ([]Result, error) {
	if o.Dir == "" || o.Backend == nil {
		return nil, errors.New("presets: no folder or no backend: set Options.Dir and Options.Backend")
	}
	seeds := o.Seeds
	if seeds == nil {
		seeds = []uint64{1}
	}
	var out []Result
	for _, seed := range seeds {
		r, err := p.train(ctx, o, seed)
		if err != nil {
			return out, fmt.Errorf("preset %s, seed %d: %w", p.Name, seed, err)
		}
		out = append(out, r)
		if err := r.check(o.Trial); err != nil {
			return out, fmt.Errorf("preset %s, seed %d: %w", p.Name, seed, err)
		}
	}
	return out, nil
}

// train runs the preset with a seed, first with the untrained net.
func (p Preset) train(ctx context.Context, o Options, seed uint64) (Result, error) {
	start := time.Now()
	run := Run{
		Seed: seed, Backend: o.Backend, Data: o.Data, Trial: o.Trial, Progress: o.Progress, Name: p.Name,
		Dir: filepath.Join(o.Dir, p.Name, fmt.Sprintf("seed-%d", seed)),
	}
	untrained := run
	untrained.Untrained, untrained.Progress = true, nil
	before, err := p.Run(ctx, &untrained)
	if err != nil {
		return Result{}, fmt.Errorf("the untrained net: %w", err)
	}
	values, err := p.Run(ctx, &run)
	if err != nil {
		return Result{}, err
	}
	return Result{p, seed, run.epochs, values, before, time.Since(start), run.nets, run.pictures, run.notes}, nil
}

// Nets returns the nets of the preset with their initial weights, in the order of their
// trainings. A net that is built from what another one has learned is that of an untrained
// one. Of the options it uses Backend, Data, Trial and the first of Seeds.
func (p Preset) Nets(ctx context.Context, o Options) ([]Net, error) {
	if o.Backend == nil {
		return nil, errors.New("presets: no backend: set Options.Backend")
	}
	run := Run{Seed: 1, Backend: o.Backend, Data: o.Data, Trial: o.Trial, Untrained: true}
	if len(o.Seeds) > 0 {
		run.Seed = o.Seeds[0]
	}
	if _, err := p.Run(ctx, &run); err != nil {
		return nil, fmt.Errorf("preset %s: %w", p.Name, err)
	}
	return run.nets, nil
}

// check returns an error if a value is missing or is not finite, or if training has not
// made the score better.
func (r Result) check(t Trial) error {
	for _, f := range r.Preset.Figures {
		v, has := r.Values[f.Metric]
		if !has || math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%q is missing or not finite among %v", f.Metric, slices.Sorted(maps.Keys(r.Values)))
		}
	}
	score := r.Preset.Figures[0]
	if v, before := r.Values[score.Metric], r.Before[score.Metric]; t.Steps == 0 && !score.Better(v, before) {
		return fmt.Errorf("the trained net's %s is %.5g, which is not better than the untrained net's %.5g", score.Metric, v, before)
	}
	return nil
}

// Mean returns the mean of a metric over results.
func Mean(results []Result, metric string) float64 {
	sum := 0.0
	for _, r := range results {
		sum += r.Values[metric]
	}
	return sum / float64(len(results))
}
