package cluster

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

// Model is any autoencoder with the centres and the loss of dense.Clustering on its code,
// which is made flat. It shares the autoencoder's weights by name.
type Model struct {
	Autoencoder train.Model
	// Clusters is the number of clusters, at least 2, and Size that of the code's values.
	Clusters, Size int
	// Keep is the weight of the autoencoder's own losses, at least 0 (Guo et al. 2017, IDEC,
	// where it is 10); see dense.Clustering.
	Keep float64
}

func (m Model) centres() dense.Clustering {
	return dense.Clustering{Config: dense.Config{Input: m.Size, Hidden: []int{m.Size}}, Clusters: m.Clusters, Keep: m.Keep}
}

// Target is dense.Clustering.Target.
func (m Model) Target(assignment []float32) ([]float32, error) {
	return m.centres().Target(assignment)
}

// Build adds the net to the graph, for batches of the given size. The inputs are those of
// the autoencoder and "target" [batch, Clusters]. The outputs are those of the autoencoder
// and dense.OutputAssignment. The task is "clusters", with the metric "kl".
func (m Model) Build(b *graph.Builder, batch int) graph.Net {
	if m.Autoencoder == nil {
		b.Failf("cluster: no autoencoder")
		return graph.Net{}
	}
	net := m.Autoencoder.Build(b, batch)
	if b.Err() != nil {
		return graph.Net{}
	}
	code := net.Outputs[graph.OutputCode]
	if code == nil {
		b.Failf("cluster: the model %s has no code", train.NameOf(m.Autoencoder))
		return graph.Net{}
	}
	target := b.Input(graph.InputTarget, batch, m.Clusters)
	b.Domain(target, graph.Domain{Hi: 1, Loss: "KL(P || Q)", Remedy: "give the rows that Target makes of assignments"})
	logQ := m.centres().LogAssignment(b, b.Reshape(code, -1, m.Size))
	if b.Err() != nil {
		return graph.Net{}
	}
	loss := b.Scope("loss")
	p := lower.Arg(0) // p log p is 0 at p = 0
	each := p.Mul(lower.Log(lower.Max(lower.Num(0x1p-125), p)).Sub(lower.Arg(1)))
	kl := loss.Mean(loss.Sum(loss.Map(each, target, logQ), 1))
	task := graph.Task{Name: "clusters", Loss: kl, Metrics: []graph.Metric{{Name: "kl", Node: kl}}}
	if m.Keep > 0 {
		for _, own := range net.Tasks {
			task.Loss = loss.Map(lower.Arg(0).Add(lower.Num(m.Keep).Mul(lower.Arg(1))), task.Loss, own.Loss)
			task.Metrics = append(task.Metrics, graph.Metric{Name: own.Name, Node: own.Loss})
		}
	}
	net.Outputs[dense.OutputAssignment] = b.Exp(logQ)
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks, net.Alternate = []graph.Task{task}, false
	return net
}

// String describes the model, such as "vae, 10 clusters".
func (m Model) String() string {
	return fmt.Sprintf("%s, %d clusters", train.NameOf(m.Autoencoder), m.Clusters)
}
