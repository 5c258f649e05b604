// Principal components as a detector.

package detect

import (
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/metrics"
)

// PCA scores a row by its squared distance from the mean, along the principal components
// of the standardised columns (Shyu et al. 2003):
//
//	sum over k of (component k)^2 / v_k^Whiten
//
// v_k is the variance of the component. Major components show rows that are extreme,
// minor ones rows in which columns that belong together disagree.
type PCA struct {
	// Whiten is from 0, the Euclidean distance, to 1, the Mahalanobis distance. In
	// between, minor components count more, but not as much as major ones.
	Whiten float64
	// Residual, if above 0, counts only the components after the major ones that have
	// this share of the variance: the squared error of the reconstruction from those. It
	// is below 1.
	Residual float64
}

// String names the method and its settings.
func (d PCA) String() string {
	switch {
	case d.Residual > 0:
		return fmt.Sprintf("pca residual %g", d.Residual)
	case d.Whiten > 0:
		return fmt.Sprintf("pca whitened %g", d.Whiten)
	}
	return "pca"
}

// Fit finds the components. It needs two rows.
func (d PCA) Fit(ctx context.Context, t *Table, _ Options) (Model, error) {
	if !(d.Whiten >= 0 && d.Whiten <= 1) || !(d.Residual >= 0 && d.Residual < 1) {
		return nil, fmt.Errorf("detect: PCA: Whiten is %g and Residual %g: want Whiten from 0 to 1, and Residual at least 0 and below 1", d.Whiten, d.Residual)
	}
	s, r, err := prepared(ctx, t, 2)
	if err != nil {
		return nil, err
	}
	p, err := metrics.FitPCA(r.x, r.width, r.width)
	if err != nil {
		return nil, fmt.Errorf("detect: PCA of %s: %w", t.name(), err)
	}
	m := &pca{scale: s, mean: p.Mean, directions: p.Directions, weight: make([]float64, r.width)}
	total, before := 0.0, 0.0
	for _, v := range p.Variances {
		total += v
	}
	for k, v := range p.Variances {
		if v > 1e-10*p.Variances[0] && before >= d.Residual*total {
			m.weight[k] = math.Pow(v, -d.Whiten)
		}
		before += v
	}
	return m, nil
}

type pca struct {
	noNets
	*scale
	mean, directions []float64 // directions are rows
	weight           []float64 // of each squared component
}

// pull is, for a row x, half the gradient of its score: the sum over components of
// weight * component * direction.
func (m *pca) pull(x, to []float64) []float64 {
	clear(to)
	w := len(m.mean)
	for k, weight := range m.weight {
		if weight == 0 {
			continue
		}
		u, c := m.directions[k*w:(k+1)*w], 0.0
		for j, v := range x {
			c += (v - m.mean[j]) * u[j]
		}
		for j := range to {
			to[j] += weight * c * u[j]
		}
	}
	return to
}

// parts splits the score among the values of a row: x_j times pull_j adds up to it. The
// share of a value that lowers the score counts as 0.
func (m *pca) score(x, to []float64) float64 {
	sum := 0.0
	for j, g := range m.pull(x, to) {
		sum += g * (x[j] - m.mean[j])
	}
	return max(0, sum)
}

// Score returns the weighted squared distances.
func (m *pca) Score(t *Table) ([]float64, error) {
	r, err := m.apply(t)
	if err != nil {
		return nil, err
	}
	scores, to := make([]float64, r.n), make([]float64, r.width)
	for i := range scores {
		scores[i] = m.score(r.row(i), to)
	}
	return scores, nil
}

// Explain splits the distance among the columns. Shares that are negative, where a
// column makes the row less strange, count as 0.
func (m *pca) Explain(t *Table, row int) ([]Part, error) {
	return m.explain(t, row, func(r *rows) (amount, expected []float64) {
		x := r.row(0)
		amount, expected = m.pull(x, make([]float64, r.width)), m.mean
		for j := range amount {
			amount[j] = max(0, amount[j]*(x[j]-m.mean[j]))
		}
		return amount, expected
	})
}
