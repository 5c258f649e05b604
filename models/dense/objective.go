package dense

import "github.com/stheno-ml/stheno/graph"

// penalty is a term of the loss besides that of the reconstruction.
type penalty struct {
	metric string
	input  string  // the scalar input that holds the weight
	weight float64 // the value of that input until it is set
	value  *graph.Node
}

// objective adds penalties to the loss of a net's only task, which then has the given
// name. The loss of the reconstruction and the penalties are metrics.
func objective(b *graph.Builder, net graph.Net, name string, penalties []penalty) graph.Net {
	if b.Err() != nil || len(penalties) == 0 {
		return net
	}
	task := &net.Tasks[0]
	metrics := append([]graph.Metric{{Name: task.Name, Node: task.Loss}}, task.Metrics...)
	terms := []*graph.Node{task.Loss}
	for _, p := range penalties {
		terms = append(terms, b.Mul(b.Scalar(p.input, p.weight), p.value))
		metrics = append(metrics, graph.Metric{Name: p.metric, Node: p.value})
	}
	task.Name, task.Loss, task.Metrics = name, b.Scope("loss").AddN(terms...), metrics
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}
