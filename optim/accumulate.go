package optim

import (
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Accumulate is for a batch that is too large for one run. It adds the gradients of the
// task's loss, for a piece of the batch, to sums:
//
//	sum = sum + share*g
//
// The share is the scalar input "<task>/share": the samples of the piece divided by those
// of the batch; 1 until it is set. The sum of weight w is the state "<task>/sum/<w>", which
// starts at zero. The last piece of a batch is for MinimizeAccumulated. If the loss is a
// mean over samples, the step is that of the whole batch, but for rounding. Layers that
// normalise over the batch, and their running means, see each piece by itself.
func Accumulate(b *graph.Builder, task graph.Task) {
	weights, grads := task.Gradients(b)
	if b.Err() != nil {
		return
	}
	scope := b.Scope(task.Name)
	for i, sum := range accumulated(scope, weights, grads) {
		scope.Update(stateOf(scope, "sum", weights[i]), sum)
	}
}

// IsSum reports whether a parameter is the sum of gradients that Accumulate keeps for a
// weight of the task.
func IsSum(p *graph.Param, task string) bool {
	return p != nil && !p.Trainable() && strings.HasPrefix(p.Name(), task+"/sum/")
}

// MinimizeAccumulated is Minimize for the last piece of a batch. Its gradients are the
// sums of Accumulate with those of this piece, with its own "<task>/share". It sets the
// sums to zero.
func MinimizeAccumulated(b *graph.Builder, o graph.Optimizer, task graph.Task) *graph.Node {
	return minimize(b, o, task, func(scope *graph.Builder) (weights, sums []*graph.Node) {
		weights, grads := task.Gradients(b)
		if b.Err() != nil {
			return nil, nil
		}
		sums = accumulated(scope, weights, grads)
		for _, w := range weights {
			state := stateOf(scope, "sum", w)
			scope.Update(state, scope.Map(lower.Num(0), state))
		}
		return weights, sums
	})
}

// accumulated returns the next values of the sums.
func accumulated(scope *graph.Builder, weights, grads []*graph.Node) []*graph.Node {
	share := scope.Scalar("share", 1)
	sums := make([]*graph.Node, len(weights))
	for i, w := range weights {
		sum, g, part := lower.Arg(0), lower.Arg(1), lower.Arg(2)
		sums[i] = scope.Map(sum.Add(part.Mul(g)), stateOf(scope, "sum", w), grads[i], share)
	}
	return sums
}
