// Package optim holds optimisers as update expressions: each weight's next
// value as a function of its value, its gradient, the optimiser's state and
// the learning rate, added to the graph of the training step. State lives in
// the graph's Params beside the weights, under names such as "elbo/adam/m/enc/w":
// the task's, the optimiser's, what it is, and the weight's.
//
//	optim.Minimize(b, optim.Adam{}, task) // in building the step
//	m.Set(task.Name+"/rate", 1e-3)        // before a run of its machine, as a schedule likes
package optim

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Minimize adds the gradients of the task's loss, and the updates of the weights
// that it trains by the task's own optimiser or, where it has none, by o. It
// returns the scalar input for the learning rate, "<task>/rate", which holds the
// optimiser's own until it is set.
//
// States are kept for each task and weight: several tasks may train one weight,
// each in a step of its own, and a weight that joins later starts anew.
func Minimize(b *graph.Builder, o graph.Optimizer, task graph.Task) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	if task.Optimizer != nil {
		o = task.Optimizer
	}
	if o == nil {
		b.Failf("optim: no optimiser for task %q: give one, such as optim.Adam{}", task.Name)
		return nil
	}
	if err := o.Validate(); err != nil {
		b.Failf("%w", err)
		return nil
	}
	weights, grads := task.Gradients(b)
	for _, w := range weights {
		if slices.ContainsFunc(b.Updates(), func(u graph.Update) bool { return u.Node == w }) {
			b.Failf("optim: task %q and another one of the same step both train %s: say by Trains which of them does, add their losses to one, or let them take turns by Net.Alternate", task.Name, b.ParamOf(w).Name())
			return nil
		}
	}
	own := b.Scope(task.Name)
	rate := own.Scalar("rate", o.LearningRate())
	if b.Err() != nil {
		return nil
	}
	o.Update(own, rate, weights, grads)
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

// setting returns what v points at, or def where it is nil.
func setting(v *float64, def float64) float64 {
	if v == nil {
		return def
	}
	return *v
}

// stateOf returns a state of the weight's own shape, which starts at zero.
func stateOf(b *graph.Builder, optimizer, what string, weight *graph.Node) *graph.Node {
	p := b.ParamOf(weight)
	return b.State(optimizer+"/"+what+"/"+p.Name(), nil, p.Shape()...)
}
