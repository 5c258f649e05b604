package conv

import "github.com/stheno-ml/stheno/graph"

// hiddenNet is the net of a model that restores hidden values: x and the decoder's
// output y are [N, ...], and hidden is 1 where a value is hidden and 0 where it is
// shown, in the same shape. The score of a sample is the mean loss of its hidden
// values, 0 if it has none, and the loss is the mean score of the batch. The metric
// "mse" is the same mean of squared errors.
func hiddenNet(b *graph.Builder, loss graph.ReconLoss, x, y, code, hidden *graph.Node) graph.Net {
	scope := b.Scope("loss")
	score := hiddenMean(scope, elements(scope, loss, y, x), hidden)
	task := graph.Task{Name: loss.String(), Loss: scope.Mean(score)}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code, graph.OutputRecon: loss.Recon(b, y)}}
	if !b.Training {
		net.Outputs[graph.OutputScore] = score
		if loss != graph.MSE {
			scope := b.Scope("evaluate")
			squares := elements(scope, graph.MSE, net.Outputs[graph.OutputRecon], x)
			task.Metrics = []graph.Metric{{Name: graph.MetricMSE, Node: scope.Mean(hiddenMean(scope, squares, hidden))}}
		} else {
			task.Name = graph.MetricMSE
		}
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks = []graph.Task{task}
	return net
}

// elements is the loss of each value, in the shape of x.
func elements(b *graph.Builder, loss graph.ReconLoss, y, x *graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	flatY, flatX := b.Reshape(y, -1), b.Reshape(x, -1)
	if loss == graph.MSE {
		return b.Reshape(b.SquaredErrorPerSample(flatY, flatX), x.Shape()...)
	}
	return b.Reshape(b.BCEWithLogitsPerSample(flatY, flatX), x.Shape()...)
}

// hiddenMean is the mean of the hidden values of each sample: [N] for x [N, ...].
func hiddenMean(b *graph.Builder, x, hidden *graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	var axes []int
	for a := 1; a < x.Dims(); a++ {
		axes = append(axes, a)
	}
	sum, count := b.Sum(b.Mul(x, hidden), axes...), b.Sum(hidden, axes...)
	return b.Div(sum, b.Maximum(count, b.Number(1)))
}
