// Package optim has optimisers as update expressions. The next value of each weight is
// a function of its value, its gradient, the optimiser's state and the learning rate,
// and part of the graph of the training step. States are in the graph's Params with the
// weights. Their names consist of the task, the optimiser, the kind of state and the
// weight, such as "elbo/adam/m/enc/w".
//
//	optim.Minimize(b, optim.Adam{}, task) // while building the step
//	m.Set(task.Name+"/rate", 1e-3)        // before a run of its machine, by a schedule
//
// Some optimisers are around another one, which is Adam if it is nil. They change the
// gradients before it, or the weights after it, and add no step of their own:
//
//	optim.ClipGlobalNorm{Norm: 1, Optimizer: optim.MovingAverage{Optimizer: optim.AdamW{}}}
//
// Gradients go from the outer optimiser to the inner one, weights from the inner one to
// the outer. Accumulate and MinimizeAccumulated take one step for a batch in pieces.
package optim

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Minimize adds the gradients of the task's loss and the updates of the weights that
// it trains. It uses the task's own optimiser or, if it has none, o. It returns the
// scalar input for the learning rate, "<task>/rate". Until it is set, that is the
// optimiser's own rate.
//
// Each task and weight has its own states. Several tasks may train one weight, each
// in its own step, and a weight that joins later starts from zero states.
func Minimize(b *graph.Builder, o graph.Optimizer, task graph.Task) *graph.Node {
	return minimize(b, o, task, func(*graph.Builder) (weights, grads []*graph.Node) { return task.Gradients(b) })
}

// minimize is Minimize for the weights, and with the gradients, that a function returns.
func minimize(b *graph.Builder, o graph.Optimizer, task graph.Task, of func(scope *graph.Builder) (weights, grads []*graph.Node)) *graph.Node {
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
	scope := b.Scope(task.Name)
	weights, grads := of(scope)
	for _, w := range weights {
		if b.NextOf(w) != nil {
			b.Failf("optim: task %q and another task of the same step both train %s: choose one of them with Trains, add their losses, or let them alternate with Net.Alternate", task.Name, b.ParamOf(w).Name())
			return nil
		}
	}
	rate := scope.Scalar("rate", o.LearningRate())
	if b.Err() != nil {
		return nil
	}
	o.Update(scope, rate, weights, grads)
	return rate
}

// updatable reports whether there is a gradient for each weight. If not, it records an
// error.
func updatable(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) bool {
	if b.Err() != nil {
		return false
	}
	if rate == nil || len(grads) != len(weights) {
		b.Failf("optim: %d gradients for %d weights: want one for each, and a rate", len(grads), len(weights))
		return false
	}
	for i, w := range weights {
		if b.ParamOf(w) == nil {
			b.Failf("optim: weight %d, %v, is not a parameter of this graph", i, w)
			return false
		}
	}
	return true
}

// inRange returns an error unless lo <= v < hi.
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

// setting returns what v points to, or def if v is nil.
func setting(v *float64, def float64) float64 {
	if v == nil {
		return def
	}
	return *v
}
