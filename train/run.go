package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Run is a training in progress, as callbacks see it. What it has by method is valid
// only during the call.
type Run struct {
	// Steps is the number of complete steps, which is the number of the step that
	// Callback.Step is called for. It goes on counting when training resumes.
	Steps int
	// Total is the planned number of steps, or 0 if it is not known.
	Total int
	// Epoch is the epoch in progress, or the one just completed. Its means are those
	// of the steps so far.
	Epoch Epoch
	// Values are the numbers of the latest step, in the order of Names: losses and
	// metrics, means over the batch. The first is the first task's loss. They are valid
	// during the call.
	Values []float64
	// Samples is the size of the latest batch.
	Samples int

	f       *fitting
	names   []string
	scalars []setScalar // by the latest step
	ahead   int         // steps that may have started since
}

// setScalar is the value that a schedule set in a step.
type setScalar struct {
	input string
	value float64
}

// Names are the names of Values.
func (r *Run) Names() []string { return r.names }

// Loss is the first task's loss in the latest step.
func (r *Run) Loss() float64 {
	if len(r.Values) == 0 {
		return 0
	}
	return r.Values[0]
}

// Scalar returns the value that a schedule gave to a scalar input, such as
// "elbo/rate", in the latest step. ok is false if no schedule sets it.
func (r *Run) Scalar(input string) (v float64, ok bool) {
	i := slices.IndexFunc(r.scalars, func(s setScalar) bool { return s.input == input })
	if i < 0 {
		return 0, false
	}
	return r.scalars[i].value, true
}

// Scalars lists the inputs that Scalar has a value for, in the order of the nets'
// inputs.
func (r *Run) Scalars() []string {
	names := make([]string, len(r.scalars))
	for i, s := range r.scalars {
		names[i] = s.input
	}
	return names
}

// Name is Options.Name.
func (r *Run) Name() string { return r.f.o.Name }

// Model is the model that is trained.
func (r *Run) Model() Model { return r.f.model }

// Params are the parameters. They are those after the latest step if no step is in
// flight: see Pauser.
func (r *Run) Params() *graph.Params { return r.f.o.Params }

// History are the complete epochs.
func (r *Run) History() []Epoch { return r.f.history }

// Epochs is the number of epochs that are planned, or 0 if it is not known.
func (r *Run) Epochs() int { return r.f.plan.epochs }

// PerEpoch is the number of steps in an epoch, or 0 if it is not known.
func (r *Run) PerEpoch() int { return r.f.batches.PerEpoch() }

// Skipped are the steps that were undone because one of them failed; see Rewinder.
func (r *Run) Skipped() []Skip { return r.f.skipped }

// Validation is the set to evaluate on, scaled, or nil.
func (r *Run) Validation() data.Set { return r.f.validation }

// Function returns a function of the net's outputs with the current parameters. The
// caller closes it.
func (r *Run) Function() (*vm.Function, error) {
	return NewFunction(r.f.model, r.f.o, vm.FunctionOptions{Batch: r.f.o.EvalBatch})
}

// Evaluate returns the means of losses and metrics over a set, which it scales as the
// training set; see Trainer.Evaluate. No step may be in flight.
func (r *Run) Evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	scaled, err := r.f.o.scaled(set)
	if err != nil {
		return nil, err
	}
	return r.f.evaluate(ctx, scaled, nil, true)
}

// Record adds a number to Epoch.Extra: of the epoch in progress, or of the one just
// completed if it is called from Callback.Epoch. Logs that come later in
// Options.Callbacks write it. Checkpoints hold it.
func (r *Run) Record(name string, value float64) {
	if r.Epoch.Extra == nil {
		r.Epoch.Extra = map[string]float64{}
	}
	r.Epoch.Extra[name] = value
}

// Stop ends training after the next step, or after the current epoch if it is called
// from Callback.Epoch. Fit then returns no error, and the reason in Result.Stopped.
func (r *Run) Stop(reason string) {
	if r.f.stopped == "" {
		r.f.stopped, r.f.stopAt = reason, r.Steps+r.ahead
	}
}

// Scale multiplies the values of scalar inputs by a factor: in all steps after the next
// one, or from the next one on if it is called from Callback.Epoch. The name is that of
// an input, or its last element, such as "rate", as in Options.Schedules. Checkpoints
// hold the product of all factors.
func (r *Run) Scale(name string, factor float64) error {
	if !finite(factor) {
		return fmt.Errorf("a factor of %g for %q: want a finite number", factor, name)
	}
	return r.f.factors.scale(name, factor, r.Steps+1+r.ahead)
}

// Warn writes a line for the user, to Options.Progress.
func (r *Run) Warn(format string, args ...any) {
	r.f.warn(fmt.Sprintf(format, args...))
}
