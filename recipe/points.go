package recipe

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
)

// points are samples with their codes, as rows of numbers.
type points struct {
	in          *Input
	set         data.Set  // at most as many samples of in as were asked for
	x, codes    []float64 // [n, width] in the scale that the net sees, and [n, dims]
	label       []int     // nil if the samples have no classes
	classes     int
	n           int
	width, dims int
}

// points encodes samples, at most a number of them; see Run.Set.
func (r *Run) points(ctx context.Context, from string, most int) (*points, error) {
	in, err := r.Set(ctx, from)
	if err != nil {
		return nil, err
	}
	p := &points{in: in, set: data.Limit(in.Set, most)}
	p.n = p.set.Len()
	out, err := r.Model.Compute(p.set, graph.OutputCode)
	if err != nil {
		return nil, in.blame(err)
	}
	x, err := data.ArrayOf(p.set, graph.InputX)
	if err != nil {
		return nil, in.blame(err)
	}
	if x.Values, err = r.scaled(x.Values); err != nil {
		return nil, in.blame(err)
	}
	p.codes, p.x = float64s(out[0].Data), float64s(x.Values)
	p.dims, p.width = len(p.codes)/p.n, len(p.x)/p.n
	p.label, p.classes, err = labelsOf(p.set)
	return p, in.blame(err)
}

// scaled are values of samples in the scale that the net sees.
func (r *Run) scaled(x []float32) ([]float32, error) {
	if s := r.Model.Scalers()[graph.InputX]; s != nil {
		return s.Transform(x)
	}
	return x, nil
}

// labelsOf are the classes of samples and the number of all classes; nil if the samples
// have none.
func labelsOf(set data.Set) (label []int, classes int, err error) {
	f, err := data.FieldOf(set, graph.InputLabel)
	if err != nil {
		return nil, 0, nil
	}
	values, err := data.ArrayOf(set, graph.InputLabel)
	if err != nil {
		return nil, 0, err
	}
	classes = f.Classes
	for i, v := range values.Values {
		l := int(v)
		if float32(l) != v || l < 0 {
			return nil, 0, fmt.Errorf("the label of sample %d is %g, not a class, a whole number from 0", i, v)
		}
		classes = max(classes, l+1)
		label = append(label, l)
	}
	return label, classes, nil
}

// project returns the principal components of points.
func project(p *metrics.PCA, x []float64) []float64 {
	width := len(p.Mean)
	out := make([]float64, 0, len(x)/width*len(p.Variances))
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
