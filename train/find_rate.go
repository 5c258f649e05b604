package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// RateRange are the settings of FindRate. The zero value is the default.
type RateRange struct {
	From, To float64 // the first and the last rate; 0 means 1e-7 and 10
	Steps    int     // 0 means 100
	Input    string  // the scalar input; "" means "rate", the rates of all tasks
}

// RateCurve is the loss at learning rates that rise from step to step.
type RateCurve struct {
	Rates  []float64
	Losses []float64 // of the first task, in the step with that rate
	Smooth []float64 // Losses, smoothed exponentially with a decay of 0.9 and without bias
	// Suggested is the rate at which the smoothed loss falls fastest against the
	// logarithm of the rate. It is 0 if the loss never falls.
	Suggested float64
}

// FindRate trains a copy of the model for some steps, with a learning rate that rises by
// the same factor in each, until the loss is four times the lowest (Smith 2017, section
// 3.3). The parameters in the options stay as they are. Of the options, it does not use
// Epochs, Validation, Callbacks and Checkpoints.
func FindRate(ctx context.Context, m Model, set data.Set, o Options, r RateRange) (*RateCurve, error) {
	r, err := r.complete()
	if err != nil {
		return nil, named(err)
	}
	curve := &rateFinder{RateCurve: &RateCurve{}, rate: Exponential(r.From, r.To)}
	schedules := map[string]Schedule{r.Input: curve.rate}
	for name, s := range o.Schedules {
		if _, taken := schedules[name]; !taken {
			schedules[name] = s
		}
	}
	o.Epochs, o.Steps, o.MaxTime, o.DryRun = 0, r.Steps, 0, 0
	o.Validation, o.Checkpoints, o.Schedules, o.Callbacks = nil, nil, schedules, []Callback{curve}
	if o.Params != nil {
		if o.Params, err = copyOf(o.Params); err != nil {
			return nil, named(err)
		}
	}
	_, err = Fit(ctx, m, set, o)
	if bad := (*NonFinite)(nil); errors.As(err, &bad) && len(curve.Losses) > 0 {
		err = nil // the rate was too high, which is how the search ends
	}
	if err != nil {
		return nil, err
	}
	curve.suggest()
	return curve.RateCurve, nil
}

func (r RateRange) complete() (RateRange, error) {
	if r.From == 0 {
		r.From = 1e-7
	}
	if r.To == 0 {
		r.To = 10
	}
	if r.Steps == 0 {
		r.Steps = 100
	}
	if r.Input == "" {
		r.Input = "rate"
	}
	if !(r.From > 0 && r.From < r.To) || math.IsInf(r.To, 0) || r.Steps < 2 {
		return r, fmt.Errorf("rates from %g to %g in %d steps: want a range above 0, and at least 2 steps", r.From, r.To, r.Steps)
	}
	return r, nil
}

// copyOf returns parameters with the same values.
func copyOf(p *graph.Params) (*graph.Params, error) {
	if err := p.Sync(); err != nil {
		return nil, err
	}
	out := graph.NewParams(p.Dtype(), p.Seed())
	for _, q := range p.All() {
		if err := out.Start(q.Name(), q.Shape(), q.Floats()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rateFinder is a callback that records the loss at each rate.
type rateFinder struct {
	Base
	*RateCurve
	rate   Schedule
	mean   float64
	lowest float64
}

func (c *rateFinder) Step(r *Run) error {
	const decay = 0.9
	c.mean = decay*c.mean + (1-decay)*r.Loss()
	smooth := c.mean / (1 - math.Pow(decay, float64(len(c.Losses)+1)))
	c.Rates = append(c.Rates, c.rate(len(c.Losses), r.Total))
	c.Losses, c.Smooth = append(c.Losses, r.Loss()), append(c.Smooth, smooth)
	if len(c.Losses) == 1 {
		c.lowest = smooth
	}
	c.lowest = min(c.lowest, smooth)
	if smooth > c.lowest+3*math.Abs(c.lowest) {
		r.Stop("the loss is four times the lowest")
	}
	return nil
}

// suggest finds the rate at which the loss falls fastest.
func (c *rateFinder) suggest() {
	steepest := 0.0
	start := max(1, min(10, len(c.Smooth)/2)) // the mean of a few batches shows which ones they are
	for i := start; i+1 < len(c.Smooth); i++ {
		slope := (c.Smooth[i+1] - c.Smooth[i-1]) / math.Log(c.Rates[i+1]/c.Rates[i-1])
		if slope < steepest {
			steepest, c.Suggested = slope, c.Rates[i]
		}
	}
}
