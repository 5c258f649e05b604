package recipe

import (
	"context"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
)

// Versus compares codes with as many principal components of the same samples.
type Versus struct {
	// Values is the number of values of a code, Components that of principal components, the
	// same unless a sample has fewer values.
	Values     int `json:"values"`
	Components int `json:"components"`
	// References is the number of training samples, which the components are of and
	// neighbours are looked for among, and Samples that of the samples that are drawn.
	References int `json:"references"`
	Samples    int `json:"samples"`
	// MSE is the mean squared error of the model's reconstructions of the samples, a value,
	// in the scale that the net sees, and PCAMSE that of the components.
	MSE    float64 `json:"mse"`
	PCAMSE float64 `json:"pcaMSE"`
	// Error is the share of the samples whose nearest reference by the code is of another
	// class, PCAError that by the components; nil if the samples have no classes.
	Error    *float64 `json:"error,omitempty"`
	PCAError *float64 `json:"pcaError,omitempty"`
	// Timed is the number of samples whose nearest reference was looked for by their values,
	// too. Seconds is the median time of a search by the code on one processor, ValueSeconds
	// that of the same search by the values of the samples, and ValueError the share of another
	// class.
	Timed        int      `json:"timed"`
	Seconds      float64  `json:"seconds"`
	ValueSeconds float64  `json:"valueSeconds"`
	ValueError   *float64 `json:"valueError,omitempty"`
}

// Limits of a comparison.
const (
	mostReferences = 60_000
	mostQueries    = 10_000
	mostTimed      = 200
)

// versus compares the codes of points with the principal components of the training
// samples, or of the points themselves if these are not known.
func (r *Run) versus(ctx context.Context, on *points) (*Versus, *metrics.PCA, error) {
	of, err := r.points(ctx, TrainPart, mostReferences)
	if err != nil {
		of = on
	}
	v := &Versus{Values: on.dims, Components: min(on.dims, on.width), References: of.n, Samples: on.n}
	pca, err := metrics.FitPCA(of.x, of.width, min(max(3, on.dims), of.width))
	if err != nil {
		return nil, nil, err
	}
	k := firstComponents(pca, v.Components)
	if v.PCAMSE, err = k.MSE(on.x); err != nil {
		return nil, nil, err
	}
	recon, err := r.Model.Compute(on.set, graph.OutputRecon)
	if err != nil {
		return nil, nil, on.in.blame(err)
	}
	y, err := r.scaled(recon[0].Data)
	if err != nil {
		return nil, nil, on.in.blame(err)
	}
	for i, x := range on.x {
		d := x - float64(y[i])
		v.MSE += d * d / float64(len(on.x))
	}
	if of == on { // a sample would be its own neighbour
		return v, pca, nil
	}
	label, want := of.label, on.label
	if label == nil || want == nil {
		label, want = make([]int, of.n), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if want != nil {
		for _, s := range []struct {
			to     **float64
			of, on []float64
			dims   int
		}{{&v.Error, of.codes, on.codes, on.dims}, {&v.PCAError, project(k, of.x), project(k, on.x), v.Components}} {
			n, err := metrics.Neighbours{}.Fit(s.of, s.dims, label)
			if err != nil {
				return nil, nil, err
			}
			wrong, err := n.Error(s.on, want)
			if err != nil {
				return nil, nil, err
			}
			*s.to = &wrong
		}
	}
	v.Timed = min(mostTimed, on.n)
	byCode, err := searched(of.codes, on.codes, on.dims, v.Timed, label)
	if err != nil {
		return nil, nil, err
	}
	byValues, err := searched(of.x, on.x, on.width, v.Timed, label)
	if err != nil {
		return nil, nil, err
	}
	v.Seconds, v.ValueSeconds = byCode.seconds, byValues.seconds
	if want != nil {
		wrong := 0.0
		for i, c := range byValues.class {
			if c != want[i] {
				wrong += 1 / float64(v.Timed)
			}
		}
		v.ValueError = &wrong
	}
	return v, pca, nil
}

type searching struct {
	class   []int
	seconds float64 // of one, the median
}

// searched looks for the nearest of some points, one after the other.
func searched(of, on []float64, dims, n int, label []int) (s searching, err error) {
	voters, err := metrics.Neighbours{}.Fit(of, dims, label)
	if err != nil {
		return s, err
	}
	times := make([]float64, n)
	for i := range n {
		start := time.Now()
		class, err := voters.Classify(on[i*dims : (i+1)*dims])
		if err != nil {
			return s, err
		}
		times[i] = time.Since(start).Seconds()
		s.class = append(s.class, class[0])
	}
	slices.Sort(times)
	s.seconds = times[n/2]
	return s, nil
}

// firstComponents are the first k of the components.
func firstComponents(p *metrics.PCA, k int) *metrics.PCA {
	return &metrics.PCA{Mean: p.Mean, Directions: p.Directions[:k*len(p.Mean)], Variances: p.Variances[:k]}
}
