package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// trained is what a few steps led to.
type trained struct {
	losses []float64
	params *graph.Params
	slack  map[string][]float64 // by parameter, where noise was given
}

// checkRun trains a model from the seed on the machines of a compiler. With
// noise above 0 it works out the slack.
func checkRun(ctx context.Context, n net, o options, dtype graph.Dtype, c graph.Compiler, x [][]float32, noise float64) (t trained, err error) {
	t.params, t.slack = graph.NewParams(dtype, o.seed), map[string][]float64{}
	steps := train.NewModelSteps(n.model, train.Options{Compile: c, Optimizer: optim.Adam{}, Params: t.params, Seed: o.seed})
	defer func() { err = errors.Join(err, steps.Close()) }()
	step, err := steps.TrainStep(n.batch)
	if err != nil {
		return t, err
	}
	for i := range checkSteps {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		out, err := step.Run(x[i%len(x)], 0, i*n.batch)
		if err != nil {
			return t, fmt.Errorf("step %d: %w", i+1, err)
		}
		t.losses = append(t.losses, out[0])
		if noise > 0 {
			t.loosen(i+1, noise)
		}
	}
	return t, nil
}

// loosen adds to the slack what step t of Adam may make of noise. Adam moves an
// element by rate*m/sqrt(v), whatever the size of its gradients: where they are
// as small as the noise of sums in another order, so that their sign is chance,
// two machines that are both right may part by 2*rate in a step. The noise of a
// gradient is that share of its tensor's largest root of v.
func (t trained) loosen(step int, noise float64) {
	const rate, epsilon = 1e-3, 1e-8
	correction := 1 - math.Pow(0.999, float64(step))
	for _, p := range t.params.Trainable() {
		v := t.params.Get("adam/v/" + p.Name()).Floats()
		largest := 0.0
		for i := range v {
			v[i] = math.Sqrt(v[i] / correction)
			largest = math.Max(largest, v[i])
		}
		slack := t.slack[p.Name()]
		if slack == nil {
			slack = make([]float64, len(v))
			t.slack[p.Name()] = slack
		}
		for i, g := range v {
			slack[i] += 2 * rate * math.Min(1, noise*largest/(g+epsilon))
		}
	}
}

// difference is how far a machine came from the oracle.
type difference struct {
	loss  float64 // the largest of all steps, relative
	param float64 // the largest of all elements, as a share of their tensor's largest weight
	name  string  // of that tensor
	above int     // elements farther apart than the limit
	// net is the largest of what is left after the slack of each element, and
	// where.
	net     float64
	netName string
}

// from returns the largest differences from the oracle's training.
func (t trained) from(oracle trained, limit float64) difference {
	var d difference
	for i, want := range oracle.losses {
		if apart := math.Abs(t.losses[i]-want) / math.Abs(want); beyond(apart, d.loss) {
			d.loss = apart
		}
	}
	for _, p := range oracle.params.Trainable() {
		want, got, slack := p.Floats(), t.params.Get(p.Name()).Floats(), oracle.slack[p.Name()]
		largest := 0.0
		for _, w := range want {
			largest = math.Max(largest, math.Abs(w))
		}
		for i, w := range want {
			apart := math.Abs(got[i] - w)
			if apart == 0 {
				continue
			}
			if beyond(apart, d.param*largest) {
				d.param, d.name = apart/largest, p.Name()
			}
			if !(apart <= limit*largest) {
				d.above++
			}
			left := apart
			if slack != nil {
				left -= slack[i]
			}
			if beyond(left, d.net*largest) {
				d.net, d.netName = left/largest, p.Name()
			}
		}
	}
	return d
}

// beyond tells whether a is the greater of two differences, NaN above all.
func beyond(a, b float64) bool { return a > b || math.IsNaN(a) && !math.IsNaN(b) }

// within is an error that says what is farther apart than limit, or nil.
func (d difference) within(limit float64) error {
	var errs []error
	if !(d.loss <= limit) {
		errs = append(errs, fmt.Errorf("the loss differs by %.1e of it, %.0e allowed", d.loss, limit))
	}
	if !(d.net <= limit) {
		errs = append(errs, fmt.Errorf("parameter %q differs by %.1e of its largest weight, slack taken off, %.0e allowed", d.netName, d.net, limit))
	}
	return errors.Join(errs...)
}

// exactly is the same training in float64, done once it is asked for.
type exactly struct {
	run  func() (trained, error)
	done *trained
}

// nearer says in words that one training came nearer to the exact one than
// another did, or "" if it did not.
func (e *exactly) nearer(one, than trained) (string, error) {
	if e.done == nil {
		t, err := e.run()
		if err != nil {
			return "", err
		}
		e.done = &t
	}
	mine, others := one.from(*e.done, 0).param, than.from(*e.done, 0).param
	if !(mine < others) {
		return "", nil
	}
	return fmt.Sprintf("%.1e from float64, the TapeMachine %.1e", mine, others), nil
}
