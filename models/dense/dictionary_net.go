package dense

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// sparseNet are the parts of a sparse autoencoder.
type sparseNet struct {
	x, code, recon *graph.Node
	terms          []*graph.Node  // of the loss, each [N] or a scalar, beside the squared error
	metrics        []graph.Metric // beside "mse" and "l0"
}

// net returns the net with one task, "sae": the squared error, a sum over the elements
// of a sample and a mean over the batch, and the terms. The score is the squared error
// of each sample.
func (s sparseNet) net(b *graph.Builder) graph.Net {
	if b.Err() != nil {
		return graph.Net{}
	}
	in := b.Scope("loss")
	each := in.SquaredErrorPerSample(s.recon, s.x)
	loss := []*graph.Node{in.Mean(each)}
	for _, t := range s.terms {
		loss = append(loss, in.Mean(t))
	}
	active := in.Greater(s.code, in.Number(0))
	task := graph.Task{Name: "sae", Loss: in.AddN(loss...), Metrics: append([]graph.Metric{
		{Name: graph.MetricMSE, Node: in.MSE(s.recon, s.x)},
		{Name: "l0", Node: in.Mean(in.Sum(active, 1))},
	}, s.metrics...)}
	if b.Err() != nil {
		return graph.Net{}
	}
	net := graph.Net{
		Outputs: map[string]*graph.Node{graph.OutputCode: s.code, graph.OutputRecon: s.recon},
		Tasks:   []graph.Task{task},
	}
	if !b.Training {
		net.Outputs[graph.OutputScore] = each
	}
	return net
}

// sizes describes the dictionary by its sizes, such as "sae 64-256".
func (c Dictionary) sizes() string {
	c = c.dictionaryDefaults()
	return fmt.Sprintf("sae %d-%d", c.Input, c.Units)
}

// summary is Summary of a kind.
func (c Dictionary) summary(name string, build func(b *graph.Builder, batch int) graph.Net) (string, error) {
	return graph.SummaryOf("sparse autoencoder "+name, build)
}
