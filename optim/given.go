package optim

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// gradientOf is the name, in the scope of a task, of the gradient of a weight.
func gradientOf(weight *graph.Param) string { return "gradient/" + weight.Name() }

// Gradients adds the gradients of the task's loss, for a piece of a batch, as the outputs
// "<task>/gradient/<w>" of each weight w, multiplied by the scalar input "<task>/share":
// the samples of the piece divided by those of the batch; 1 until it is set. If the loss
// is a mean over samples, their sum over all pieces is the gradient of the batch. It
// returns the weights, which MinimizeGiven takes.
func Gradients(b *graph.Builder, task graph.Task) []*graph.Param {
	nodes, grads := task.Gradients(b)
	if b.Err() != nil {
		return nil
	}
	scope := b.Scope(task.Name)
	share := scope.Scalar("share", 1)
	weights := make([]*graph.Param, len(nodes))
	for i, n := range nodes {
		weights[i] = b.ParamOf(n)
		scope.Output(gradientOf(weights[i]), scope.Map(lower.Arg(0).Mul(lower.Arg(1)), grads[i], share))
	}
	return weights
}

// MinimizeGiven is Minimize with gradients that are inputs, "<task>/gradient/<w>" for each
// of the weights w. The loss of the task is not computed: the program needs no net.
func MinimizeGiven(b *graph.Builder, o graph.Optimizer, task graph.Task, weights []*graph.Param) *graph.Node {
	return minimize(b, o, task, func(scope *graph.Builder) (nodes, grads []*graph.Node) {
		for _, w := range weights {
			nodes = append(nodes, b.Param(w.Name(), nil, w.Shape()...))
			grads = append(grads, scope.Input(gradientOf(w), w.Shape()...))
		}
		return nodes, grads
	})
}
