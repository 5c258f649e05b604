package train

import (
	"errors"

	"github.com/stheno-ml/stheno/graph"
)

// ModelSteps compiles a model's steps when they are first asked for, one for
// each batch size, all over the same parameters: what one step changes the
// others read. On package cpu another size takes some 10 ms, and the memory of
// its activations until Close.
type ModelSteps struct {
	model Model
	o     Options
	err   error // of the options
	made  map[stepKey]*Step
}

type stepKey struct {
	training bool
	batch    int
}

// NewModelSteps returns the steps of a model under the options' Compile,
// Optimizer, Params and Seed, which have the defaults that training has.
func NewModelSteps(m Model, o Options) *ModelSteps {
	o, err := o.complete()
	if m == nil {
		err = errNoModel
	}
	return &ModelSteps{m, o, err, map[stepKey]*Step{}}
}

// Params returns the parameters that all the steps share.
func (m *ModelSteps) Params() *graph.Params { return m.o.Params }

// Train returns the training step for a batch size.
func (m *ModelSteps) Train(batch int) (Runner, error) { return m.TrainStep(batch) }

// Eval returns the evaluation for a batch size.
func (m *ModelSteps) Eval(batch int) (Runner, error) { return m.EvalStep(batch) }

// TrainStep is Train with the step's own type.
func (m *ModelSteps) TrainStep(batch int) (*Step, error) {
	return m.step(stepKey{true, batch}, func() (*Step, error) {
		return NewTrainStep(m.model, m.o.Params, batch, m.o.Seed, m.o.Optimizer, m.o.Compile)
	})
}

// EvalStep is Eval with the step's own type.
func (m *ModelSteps) EvalStep(batch int) (*Step, error) {
	return m.step(stepKey{false, batch}, func() (*Step, error) {
		return NewEvalStep(m.model, m.o.Params, batch, m.o.Seed, m.o.Compile)
	})
}

func (m *ModelSteps) step(k stepKey, build func() (*Step, error)) (*Step, error) {
	if m.err != nil {
		return nil, m.err
	}
	if m.made == nil {
		return nil, errors.New("train: no steps: make them by NewModelSteps")
	}
	if s := m.made[k]; s != nil {
		return s, nil
	}
	s, err := build()
	if err != nil {
		return nil, err
	}
	m.made[k] = s
	return s, nil
}

// Close frees the machines.
func (m *ModelSteps) Close() error {
	var errs []error
	for k, s := range m.made {
		errs = append(errs, s.Close())
		delete(m.made, k)
	}
	return errors.Join(errs...)
}
