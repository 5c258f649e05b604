// Package optim holds optimisers as update expressions: each weight's next
// value as a function of its value, its gradient, the optimiser's state and
// the learning rate, added to the graph of the training step. State lives in
// the graph's Params beside the weights, under the optimiser's name.
//
//	rate := optim.Minimize(b, optim.Adam{}, task) // in building the step
//	graph.SetScalar(rate, 1e-3)                   // before a run, as a schedule likes
package optim

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Optimizer adds the updates of weights to a training step.
type Optimizer interface {
	// Update adds, by graph.Builder.Update, the next value of each weight
	// given its gradient; rate is the learning rate, a scalar node.
	Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node)
	// LearningRate returns the rate to start with.
	LearningRate() float64
	// Validate returns an error for settings out of range.
	Validate() error
}

// Minimize adds the gradients of the task's loss and the optimiser's updates
// of the weights that it trains. It returns the scalar input for the learning
// rate, which holds the optimiser's own until it is set.
func Minimize(b *graph.Builder, o Optimizer, task graph.Task) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	if o == nil {
		b.Failf("optim: no optimiser for task %q: give one, such as optim.Adam{}", task.Name)
		return nil
	}
	if err := o.Validate(); err != nil {
		b.Failf("%w", err)
		return nil
	}
	params := task.Trains
	if params == nil {
		params = b.Params().Trainable()
	}
	if len(params) == 0 {
		b.Failf("optim: task %q trains no weight: the model has none", task.Name)
		return nil
	}
	weights := make([]*graph.Node, len(params))
	for i, p := range params {
		weights[i] = b.Node(p)
	}
	grads := b.Grad(task.Loss, weights...)
	rate := b.Scalar(task.Name+"/rate", o.LearningRate())
	if b.Err() != nil {
		return nil
	}
	o.Update(b, rate, weights, grads)
	return rate
}

// updatable reports whether there is a gradient for each weight, and records the
// mistake if not.
func updatable(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) bool {
	if b.Err() != nil {
		return false
	}
	if rate == nil || len(grads) != len(weights) {
		b.Failf("optim: %d gradients of %d weights: want a gradient for each, and a rate", len(grads), len(weights))
		return false
	}
	for i, w := range weights {
		if b.ParamOf(w) == nil {
			b.Failf("optim: weight %d, %v, is no parameter of this graph", i, w)
			return false
		}
	}
	return true
}

// inRange is an error unless lo <= v < hi.
func inRange(what string, v, lo, hi float64) error {
	if !(v >= lo && v < hi) {
		return fmt.Errorf("optim: %s is %g, want it in [%g, %g)", what, v, lo, hi)
	}
	return nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// orDefault returns v, or def where v is 0.
func orDefault(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}

// stateOf returns an optimiser's state for a weight, which starts at zero.
func stateOf(b *graph.Builder, optimizer, what string, weight *graph.Node) *graph.Node {
	p := b.ParamOf(weight)
	return b.State(optimizer+"/"+what+"/"+p.Name(), nil, p.Shape()...)
}
