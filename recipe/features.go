package recipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
)

// Probed says how well codes separate the classes, beside principal components of as many
// dimensions.
type Probed struct {
	Dims    int `json:"dims"`
	Classes int `json:"classes"`
	Train   int `json:"train"` // samples that the probes were fitted to
	Test    int `json:"test"`  // samples that they were tested on
	// LinearError is the share of test samples that logistic regression on the codes puts
	// into a wrong class, and NeighbourError that of the nearest training code.
	LinearError    float64 `json:"linearError"`
	NeighbourError float64 `json:"neighbourError"`
	// PCALinearError and PCANeighbourError are those of principal components.
	PCALinearError    float64 `json:"pcaLinearError"`
	PCANeighbourError float64 `json:"pcaNeighbourError"`
}

// mostProbed is the number of training samples that probes are fitted to.
const mostProbed = 10_000

// Probe fits probes to the codes of the training samples and tests them on the test
// samples. Both need labels.
func (r *Run) Probe(ctx context.Context) (Probed, error) {
	var p Probed
	training, err := r.labelled(ctx, TrainPart)
	if err != nil {
		return p, err
	}
	test, err := r.labelled(ctx, "")
	if err != nil {
		return p, err
	}
	p.Dims, p.Classes, p.Train, p.Test = training.dims, training.classes, len(training.label), len(test.label)
	if p.LinearError, p.NeighbourError, err = probes(training.codes, test.codes, p.Dims, training.label, test.label); err != nil {
		return p, err
	}
	pca, err := metrics.FitPCA(training.x, training.width, min(p.Dims, training.width))
	if err != nil {
		return p, err
	}
	of, on := project(pca, training.x), project(pca, test.x)
	p.PCALinearError, p.PCANeighbourError, err = probes(of, on, len(pca.Variances), training.label, test.label)
	return p, err
}

// labelledCodes are codes with the samples that they are of, and their labels.
type labelledCodes struct {
	codes, x             []float64
	label                []int
	dims, width, classes int
}

// labelled encodes samples that have labels.
func (r *Run) labelled(ctx context.Context, from string) (*labelledCodes, error) {
	in, err := r.Set(ctx, from)
	if err != nil {
		return nil, err
	}
	f, err := data.FieldOf(in, graph.InputLabel)
	if err != nil {
		return nil, fmt.Errorf("%s: the samples have no classes to find: for a table, set data.label: %w", in.Where, err)
	}
	some := data.Limit(in, mostProbed)
	out, err := r.Model.Compute(some, graph.OutputCode)
	if err != nil {
		return nil, err
	}
	x, err := data.ArrayOf(some, graph.InputX)
	if err != nil {
		return nil, err
	}
	label, err := data.ArrayOf(some, graph.InputLabel)
	if err != nil {
		return nil, err
	}
	l := &labelledCodes{codes: float64s(out[0].Data), x: float64s(x.Values), classes: f.Classes}
	l.dims, l.width = len(out[0].Data)/some.Len(), len(x.Values)/some.Len()
	for _, v := range label.Values {
		l.label = append(l.label, int(v))
	}
	return l, nil
}

// probes returns the errors of a linear probe and of the nearest neighbour.
func probes(of, on []float64, dims int, label, want []int) (linear, neighbour float64, err error) {
	s, err := metrics.Probe{L2: 1e-4}.Fit(of, dims, label)
	if err != nil {
		return 0, 0, err
	}
	if linear, err = s.Error(on, want); err != nil {
		return 0, 0, err
	}
	wrong := 0
	for i, w := range want {
		if label[nearestRow(of, on[i*dims:(i+1)*dims])] != w {
			wrong++
		}
	}
	return linear, float64(wrong) / float64(len(want)), nil
}

// nearestRow is the row that is nearest to a point.
func nearestRow(rows, point []float64) int {
	best, least := 0, -1.0
	for i := 0; i*len(point) < len(rows); i++ {
		sum := 0.0
		for k, v := range rows[i*len(point) : (i+1)*len(point)] {
			d := v - point[k]
			if sum += d * d; least >= 0 && sum >= least {
				break
			}
		}
		if least < 0 || sum < least {
			best, least = i, sum
		}
	}
	return best
}

// project returns the principal components of points.
func project(p *metrics.PCA, x []float64) (out []float64) {
	width := len(p.Mean)
	for at := 0; at < len(x); at += width {
		for c := range p.Variances {
			sum := 0.0
			for k, d := range p.Directions[c*width : (c+1)*width] {
				sum += d * (x[at+k] - p.Mean[k])
			}
			out = append(out, sum)
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

// Clustered are samples in clusters by their codes.
type Clustered struct {
	// Cluster is the cluster of each sample, from 0.
	Cluster []int `json:"cluster"`
	// Inertia is the sum of the squared distances of codes from the centres.
	Inertia float64 `json:"inertia"`
	// Labelled says that the samples have classes. Accuracy, NMI and ARI compare with
	// them.
	Labelled bool    `json:"labelled"`
	Accuracy float64 `json:"accuracy,omitempty"`
	NMI      float64 `json:"nmi,omitempty"`
	ARI      float64 `json:"ari,omitempty"`
}

// Cluster finds k clusters of samples by k-means on their codes; see Run.Set.
func (r *Run) Cluster(ctx context.Context, from string, k int, seed uint64) (*Clustered, *Input, error) {
	if k < 2 {
		return nil, nil, errors.New("the number of clusters must be at least 2")
	}
	z, in, err := r.Encode(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	c, err := metrics.KMeans{Clusters: k, Seed: seed}.Fit(float64s(z.Data), graph.Shape(z.Shape[1:]).Size())
	if err != nil {
		return nil, nil, err
	}
	out := &Clustered{Cluster: c.Label, Inertia: c.Inertia}
	if _, err := data.FieldOf(in, graph.InputLabel); err != nil {
		return out, in, nil
	}
	values, err := data.ArrayOf(in, graph.InputLabel)
	if err != nil {
		return nil, nil, err
	}
	label := make([]int, len(values.Values))
	for i, v := range values.Values {
		label[i] = int(v)
	}
	out.Labelled = true
	if out.Accuracy, err = metrics.ClusterAccuracy(label, c.Label); err == nil {
		if out.NMI, err = metrics.NMI(label, c.Label); err == nil {
			out.ARI, err = metrics.ARI(label, c.Label)
		}
	}
	return out, in, err
}
