package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
)

// checkSteps is how many steps of Adam, at 1e-3, a check compares.
const checkSteps = 5

// precision is an element type and how far two machines may differ in it, in
// the loss relative to the loss, in a parameter relative to the largest weight
// of its tensor.
type precision struct {
	dtype graph.Dtype
	limit float64
	noise float64 // of a gradient, as a share of the largest of its tensor
}

// precisions lists them. The noise is sixteen roundings: sums in another order
// differ by as much.
func precisions() []precision {
	return []precision{{graph.Float32, 1e-5, 0x1p-20}, {graph.Float64, 1e-12, 0x1p-49}}
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

// check trains each model for a few steps from one seed on Gorgonia's machine
// and on the compiled one, and prints how far losses and parameters differ.
// What differs by more than it may is an error that names it. Of a parameter's
// difference the slack of the oracle's training is taken off: see slack.
func check(ctx context.Context, o options, set *data.Dataset, stdout io.Writer) error {
	var failed []error
	fmt.Fprintf(stdout, "%d steps of Adam at 1e-3, seed %d: the compiled machine against the TapeMachine, largest relative differences.\n"+
		"Parameters are compared with the largest weight of their tensor; slack is what Adam makes of gradients that\n"+
		"are mere rounding, which it scales up to whole steps.\n\n", checkSteps, o.seed)
	fmt.Fprintf(stdout, "%-12s  %5s  %-7s  %-6s  %7s  %10s  %7s  %5s  %10s  %s\n",
		"model", "batch", "type", "isa", "loss", "parameters", "limit", "above", "less slack", "largest in")
	for _, name := range o.models {
		n := netNamed(name, o.batch)
		own := set
		if n.sample != nil {
			own = wavesOf(n.sample, o.seed)
		}
		x, err := someBatches(ctx, own.Train, n.batch, checkSteps, o.seed)
		if err != nil {
			return err
		}
		for _, p := range precisions() {
			oracle, err := checkRun(ctx, n, o, p.dtype, tape.Compile, x, p.noise)
			if err != nil {
				return fmt.Errorf("check %s in %v on the TapeMachine: %w", n.name, p.dtype, err)
			}
			for _, isa := range o.isas {
				what := fmt.Sprintf("%s in %v on %s", n.name, p.dtype, isa)
				machine := cpu.Config{Threads: o.threads, ISA: isa}
				got, err := checkRun(ctx, n, o, p.dtype, func(b *graph.Builder) (graph.VM, error) { return machine.Build(b) }, x, 0)
				if err != nil {
					return fmt.Errorf("check %s: %w", what, err)
				}
				d := got.from(oracle, p.limit)
				verdict := d.name
				if err := d.within(p.limit); err != nil {
					verdict += ": DIFFERS"
					failed = append(failed, fmt.Errorf("check %s: %w", what, err))
				}
				fmt.Fprintf(stdout, "%-12s  %5d  %-7v  %-6s  %7.1e  %10.1e  %7.0e  %5d  %10.1e  %s\n",
					n.name, n.batch, p.dtype, isa, d.loss, d.param, p.limit, d.above, d.net, verdict)
			}
		}
	}
	return errors.Join(failed...)
}

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
			if left := apart - slack[i]; beyond(left, d.net*largest) {
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
