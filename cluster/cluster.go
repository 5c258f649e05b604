// Package cluster finds clusters of samples by the codes of a trained model.
//
// Embedded starts from k-means on the codes, and then trains encoder and centres together.
// It takes any model with a code that is a row of numbers:
//
//	net := cluster.Model{Autoencoder: vae.Config{}, Clusters: 10, Size: 20}
//	found, err := cluster.Embedded{Seed: 1}.Fit(ctx, net.Autoencoder, net, set, o) // o.Params are those of the trained model
//
// Scores compares clusters with classes.
package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// Embedded is deep embedded clustering (Xie et al. 2016, DEC). The zero value of each field
// is the setting of its paper.
type Embedded struct {
	// Starts is the number of starts of k-means; 0 means 20.
	Starts int
	// Rounds is the largest number of rounds; 0 means 100, below 0 none: the clusters are
	// those of k-means on the codes.
	Rounds int
	// Steps is the number of training steps in a round; 0 means 140.
	Steps int
	// Changes is the share of samples whose change of cluster is too small for a further
	// round; 0 means .001, below 0 that all rounds are trained.
	Changes float64
	// Seed determines k-means and the order of the samples.
	Seed uint64
	// Progress gets a line for each round; nil means none. Name is in front of it.
	Progress io.Writer
	Name     string
}

// Net is a model with the inputs "x" and "target" [batch, clusters] and the output
// dense.OutputAssignment, as dense.Clustering and Model. Target makes the target
// distribution of the assignments of all samples.
type Net interface {
	train.Model
	Target(assignment []float32) ([]float32, error)
}

// Found are the clusters of samples.
type Found struct {
	// Cluster is the cluster of each sample, the most probable one, from 0. Probability is
	// that of each cluster for each sample, [N, clusters].
	Cluster     []int
	Probability []float32
	// Start are the clusters of k-means on the codes before training.
	Start []int
	// Rounds is how many rounds were trained, and Changed the share of samples that changed
	// their cluster in the last.
	Rounds  int
	Changed float64
}

// Fit sets the centres of a net by k-means on the codes of a trained autoencoder, whose
// parameters the net shares by name, and trains it in rounds, each with a target of the
// assignments at its start. The options need Backend and Params, which change; 0 Batch means
// 256, and nil Optimizer SGD at .01 with momentum .9.
func (e Embedded) Fit(ctx context.Context, autoencoder train.Model, net Net, set data.Set, o train.Options) (*Found, error) {
	if o.Params == nil || o.Backend == nil {
		return nil, errors.New("cluster: no parameters or no backend: set Params and Backend of the options to those of a trained model")
	}
	e.Starts, e.Steps, e.Changes = cmp.Or(e.Starts, 20), cmp.Or(e.Steps, 140), cmp.Or(e.Changes, 1e-3)
	rounds := max(0, cmp.Or(e.Rounds, 100))
	o.Batch, o.Steps, o.Seed = cmp.Or(o.Batch, 256), e.Steps, e.Seed
	o.DropLast = set.Len() > o.Batch
	o.EvalBatch = cmp.Or(o.EvalBatch, min(500, set.Len()))
	if o.Optimizer == nil {
		o.Optimizer = optim.SGD{Rate: new(0.01), Momentum: 0.9}
	}
	codes, err := train.Compute(autoencoder, set, o, graph.OutputCode)
	if err != nil {
		return nil, err
	}
	s, err := train.NewEvalStep(net, 1, o) // makes the centres
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	centres := o.Params.Get(dense.CentresName)
	if centres == nil {
		return nil, fmt.Errorf("cluster: the net has no parameter %q", dense.CentresName)
	}
	clusters := centres.Shape()[0]
	start, err := metrics.KMeans{Clusters: clusters, Seed: e.Seed, Starts: e.Starts}.Fit(float64s(codes[0].Data), len(codes[0].Data)/set.Len())
	if err != nil {
		return nil, err
	}
	if err := centres.SetFloats(start.Centres); err != nil {
		return nil, err
	}
	found := &Found{Start: start.Label, Cluster: start.Label}
	target := data.Array{Name: graph.InputTarget, Shape: []int{clusters}, Values: make([]float32, set.Len()*clusters)}
	for {
		// The assignments do not depend on the target, which the net has as an input.
		blank, err := withTarget(set, target)
		if err != nil {
			return nil, err
		}
		q, err := train.Compute(net, blank, o, dense.OutputAssignment)
		if err != nil {
			return nil, err
		}
		found.Probability = q[0].Data
		next := mostProbable(q[0].Data, clusters)
		changed := 0
		for i, c := range next {
			if c != found.Cluster[i] {
				changed++
			}
		}
		found.Cluster, found.Changed = next, float64(changed)/float64(len(next))
		if e.Progress != nil {
			fmt.Fprintf(e.Progress, "%s round %d, %.2f %% of the samples have changed their cluster\n", e.Name, found.Rounds, 100*found.Changed)
		}
		if found.Rounds == rounds || found.Rounds > 0 && found.Changed < e.Changes {
			return found, nil
		}
		if target.Values, err = net.Target(q[0].Data); err != nil {
			return nil, err
		}
		training, err := withTarget(set, target)
		if err != nil {
			return nil, err
		}
		found.Rounds++
		o.Seed = e.Seed + uint64(found.Rounds) // a round is less than an epoch, so each has an order of its own
		if _, err := train.Fit(ctx, net, training, o); err != nil {
			return nil, err
		}
	}
}

func withTarget(set data.Set, target data.Array) (data.Set, error) {
	of, err := data.InMemory(target)
	if err != nil {
		return nil, err
	}
	return data.With(set, of)
}

// mostProbable returns the number of the greatest element of each row.
func mostProbable(q []float32, columns int) []int {
	out := make([]int, len(q)/columns)
	for i := range out {
		row := q[i*columns : (i+1)*columns]
		for j, v := range row {
			if v > row[out[i]] {
				out[i] = j
			}
		}
	}
	return out
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
