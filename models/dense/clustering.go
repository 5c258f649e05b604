package dense

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// CentresName is the name of the parameter that has Clustering's centres, [Clusters,
// last of Hidden].
const CentresName = "clusters/centres"

// OutputAssignment is the name of Clustering's output with the probability of each
// cluster.
const OutputAssignment = "assignment"

// Clustering is deep embedded clustering (Xie et al. 2016, DEC). Each cluster has a
// centre u in the space of codes z. A sample i belongs to cluster j with the
// probability (their eq. 1)
//
//	q_ij = (1 + |z_i - u_j|^2/Freedom)^(-(Freedom+1)/2) / sum over j
//
// Training minimises KL(P || Q), the sum over clusters and the mean over the batch, for
// the target distribution P that Target makes of the assignments of all samples.
//
// First train the embedded Config by itself: the weights have the same names. Then set
// the parameter CentresName to the centres that k-means finds in the codes. Then train
// Clustering with the field "target", computed again after every 140 steps or so.
type Clustering struct {
	Config
	// Clusters is the number of clusters; 0 means 10.
	Clusters int `json:"clusters,omitzero"`
	// Freedom is the degrees of freedom of Student's t distribution, above 0; 0 means
	// 1.
	Freedom float64 `json:"freedom,omitzero"`
	// Keep is the weight of the reconstruction's loss, at least 0, which keeps the code
	// from losing what it says about the sample (Guo et al. 2017, IDEC, where it is
	// 10). 0 leaves the decoder as it is.
	Keep float64 `json:"keep,omitzero"`
}

func (c Clustering) withDefaults() Clustering {
	c.Config = c.Config.withDefaults()
	c.Clusters = cmp.Or(c.Clusters, 10)
	c.Freedom = cmp.Or(c.Freedom, 1)
	return c
}

// Validate returns an error that names the first field out of range.
func (c Clustering) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	switch c = c.withDefaults(); {
	case c.Clusters < 2:
		return fmt.Errorf("dense: Clusters is %d, want at least 2", c.Clusters)
	case !(c.Freedom > 0) || math.IsInf(c.Freedom, 0):
		return fmt.Errorf("dense: Freedom is %g, want a finite number above 0", c.Freedom)
	case !(c.Keep >= 0) || math.IsInf(c.Keep, 0):
		return fmt.Errorf("dense: Keep is %g, want a finite number, at least 0", c.Keep)
	}
	return nil
}

// Build adds the net to the graph, for batches of the given size. The inputs are "x"
// [batch, Input] and "target" [batch, Clusters], rows of P. The task is "clusters", with
// the metric "kl", KL(P || Q) in nats, if Keep is above 0 "recon", the loss of Config, and
// in evaluation "mse". The outputs are those of Config and "assignment" [batch, Clusters], rows of Q. The score is that of
// Config. If a setting is invalid, the net is empty and the builder has the error.
func (c Clustering) Build(b *graph.Builder, batch int) graph.Net {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	c = c.withDefaults()
	net := c.Config.Build(b, batch)
	target := b.Input(graph.InputTarget, batch, c.Clusters)
	b.Domain(target, graph.Domain{Hi: 1, Loss: "KL(P || Q)", Remedy: "give the rows that Target makes of assignments"})
	logQ := c.LogAssignment(b, net.Outputs[graph.OutputCode])
	if b.Err() != nil {
		return graph.Net{}
	}
	loss := b.Scope("loss")
	// p log p is 0 at p = 0.
	p := lower.Arg(0)
	each := p.Mul(lower.Log(lower.Max(lower.Num(math.SmallestNonzeroFloat32*0x1p24), p)).Sub(lower.Arg(1)))
	kl := loss.Mean(loss.Sum(loss.Map(each, target, logQ), 1))
	recon := net.Tasks[0]
	task := graph.Task{Name: "clusters", Loss: kl, Metrics: []graph.Metric{{Name: "kl", Node: kl}}}
	if c.Keep > 0 {
		task.Loss = loss.Map(lower.Arg(0).Add(lower.Num(c.Keep).Mul(lower.Arg(1))), kl, recon.Loss)
		task.Metrics = append(task.Metrics, graph.Metric{Name: "recon", Node: recon.Loss})
	}
	if !b.Training {
		mse := b.Scope("evaluate").MSE(net.Outputs[graph.OutputRecon], b.InputNode(graph.InputX))
		task.Metrics = append(task.Metrics, graph.Metric{Name: graph.MetricMSE, Node: mse})
	}
	net.Outputs[OutputAssignment] = b.Exp(logQ)
	net.Tasks = []graph.Task{task}
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}

// LogAssignment adds the centres. It maps codes z [N, last of Hidden] to log q [N,
// Clusters].
func (c Clustering) LogAssignment(b *graph.Builder, z *graph.Node) *graph.Node {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	if b.Err() != nil {
		return nil
	}
	c = c.withDefaults()
	size := c.Hidden[len(c.Hidden)-1]
	if !checkWidth(b, "clusters", z, size) {
		return nil
	}
	centres := b.Param(CentresName, graph.GlorotUniform(c.Clusters, size), c.Clusters, size)
	clusters := b.Scope("clusters")
	d := clusters.Sum(clusters.Square(clusters.Sub(clusters.Reshape(z, -1, 1, size), centres)), 2)
	logits := lower.Num(-(c.Freedom + 1) / 2).Mul(lower.Log1p(lower.Num(1 / c.Freedom).Mul(lower.Arg(0))))
	return clusters.Layer("Assignment", clusters.LogSoftmax(clusters.Map(logits, d), 1))
}

// Target makes the target distribution P of the assignments Q of all samples, both [N,
// Clusters] in row-major order (Xie et al. 2016, eq. 3):
//
//	p_ij = q_ij^2/f_j / sum over j of the same,  f_j = sum over i of q_ij
//
// It sharpens the assignments, and counts each cluster the less the larger it is.
func (c Clustering) Target(q []float32) ([]float32, error) {
	n := c.withDefaults().Clusters
	if n < 1 || len(q) == 0 || len(q)%n != 0 {
		return nil, fmt.Errorf("dense: %d assignments are not rows of %d clusters", len(q), n)
	}
	f := make([]float64, n)
	for i, v := range q {
		if !(v >= 0) {
			return nil, errors.New("dense: an assignment is negative or NaN")
		}
		f[i%n] += float64(v)
	}
	p := make([]float32, len(q))
	row := make([]float64, n)
	for i := 0; i < len(q); i += n {
		sum := 0.0
		for j := range row {
			if row[j] = 0; f[j] > 0 {
				row[j] = float64(q[i+j]) * float64(q[i+j]) / f[j]
			}
			sum += row[j]
		}
		for j, v := range row {
			if sum > 0 {
				p[i+j] = float32(v / sum)
			}
		}
	}
	return p, nil
}

// String describes the net by its sizes, such as "784-500-500-2000-10-... relu mse, 10
// clusters".
func (c Clustering) String() string {
	c = c.withDefaults()
	s := fmt.Sprintf("%s, %d clusters", c.Config, c.Clusters)
	if c.Keep > 0 {
		s += fmt.Sprintf(" keep %g", c.Keep)
	}
	return s
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Clustering) Summary() (string, error) {
	return graph.SummaryOf("deep embedded clustering "+c.String(), c.Build)
}
