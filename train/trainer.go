package train

import (
	"context"
	"errors"
	"time"

	"github.com/stheno-ml/stheno/graph"
)

// Trainer trains and evaluates a model. It keeps the compiled steps for further use.
// Call Close when done.
type Trainer struct {
	model             Model
	o                 Options
	steps             map[stepKey]*Step
	minBackupInterval time.Duration // between two copies of the parameters
}

// stepKey is what steps of a model differ in.
type stepKey struct {
	training bool
	batch    int
	phase    int // see Options.phase
}

// New returns a trainer of a model. It fills in the options' defaults.
func New(m Model, o Options) (*Trainer, error) {
	o, err := o.complete(m)
	if err == nil && o.Backend == nil {
		err = errNoBackend
	}
	if err != nil {
		return nil, named(err)
	}
	return &Trainer{m, o, map[stepKey]*Step{}, defaultBackupInterval}, nil
}

// Params returns the model's parameters.
func (t *Trainer) Params() *graph.Params { return t.o.Params }

// check returns an error if the trainer was not created by New, or if there is no
// context.
func (t *Trainer) check(ctx context.Context) error {
	switch {
	case t.steps == nil:
		return errNoTrainer
	case ctx == nil:
		return errNoContext
	}
	return nil
}

// trainStep returns the training step of a batch size in a phase of the freezing of
// weights. It is compiled on first use. All steps share the parameters.
func (t *Trainer) trainStep(batch, phase int) (*Step, error) {
	return t.step(stepKey{true, batch, phase}, newTrainStep)
}

// evalStep returns the evaluation step of a batch size.
func (t *Trainer) evalStep(batch int) (*Step, error) {
	return t.step(stepKey{batch: batch}, newEvalStep)
}

func (t *Trainer) step(k stepKey, compile func(Model, stepKey, Options) (*Step, error)) (*Step, error) {
	if s := t.steps[k]; s != nil {
		return s, nil
	}
	s, err := compile(t.model, k, t.o)
	if err == nil {
		t.steps[k] = s
	}
	return s, err
}

// Close frees the machines.
func (t *Trainer) Close() error {
	var errs []error
	for _, s := range t.steps {
		errs = append(errs, s.close())
	}
	t.steps = nil
	return named(errors.Join(errs...))
}
