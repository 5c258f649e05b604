// Principal components: the linear way to restore.

package restore

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/stheno-ml/stheno/metrics"
)

// PCA restores samples by the principal components of sound ones. No linear autoencoder
// does better on these (Baldi and Hornik 1989).
type PCA struct {
	mean       []float64
	directions *mat.Dense // rows are components, the one with the greatest variance first
	variances  []float64
	total      float64 // the variance in all directions together
}

// FitPCA finds up to most components of the rows of x [N, dims].
func FitPCA(x []float32, dims, most int) (*PCA, error) {
	if dims < 1 || len(x) == 0 || len(x)%dims != 0 {
		return nil, fmt.Errorf("restore: %d values are not samples of %d", len(x), dims)
	}
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	k := min(most, dims, len(x)/dims)
	p, err := metrics.FitPCA(wide, dims, k)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	out := &PCA{mean: p.Mean, directions: mat.NewDense(k, dims, p.Directions), variances: p.Variances}
	for i, v := range wide {
		out.total += (v - p.Mean[i%dims]) * (v - p.Mean[i%dims]) * float64(dims) / float64(len(wide))
	}
	return out, nil
}

// Components is the number of components.
func (p *PCA) Components() int { return len(p.variances) }

// Mean is the mean sample [dims].
func (p *PCA) Mean() []float64 { return p.mean }

// Project returns the samples x [N, dims] as the first k components have them.
func (p *PCA) Project(x []float32, k int) []float32 {
	dims := len(p.mean)
	n := len(x) / dims
	first := p.directions.Slice(0, min(k, p.Components()), 0, dims)
	centred := mat.NewDense(n, dims, nil)
	raw := centred.RawMatrix().Data
	for i, v := range x[:n*dims] {
		raw[i] = float64(v) - p.mean[i%dims]
	}
	var codes mat.Dense
	codes.Mul(centred, first.T())
	centred.Mul(&codes, first)
	out := make([]float32, n*dims)
	for i, v := range raw {
		out[i] = float32(v + p.mean[i%dims])
	}
	return out
}

// Fill returns the samples x [N, dims] with the values whose mask is 0 as the first k
// components have them that fit the shown values best, by least squares:
//
//	least over c of |shown values of (x - mean - c·directions)|² + s²·sum of c²/variances
//
// s² is the mean variance of the directions that are left out. The second term keeps
// components in check that the shown values hardly see (Tipping and Bishop 1999). If k is 0,
// it is the mean.
func (p *PCA) Fill(x, mask []float32, k int) ([]float32, error) {
	dims := len(p.mean)
	k = min(k, p.Components())
	if dims == 0 || len(x)%dims != 0 || len(mask) != len(x) {
		return nil, fmt.Errorf("restore: %d values with a mask of %d are not samples of %d", len(x), len(mask), dims)
	}
	out := make([]float32, len(x))
	copy(out, x)
	if k < 1 {
		for i, m := range mask {
			if m == 0 {
				out[i] = float32(p.mean[i%dims])
			}
		}
		return out, nil
	}
	left := p.total
	for _, v := range p.variances[:k] {
		left -= v
	}
	left = max(1e-9*p.total, left/float64(max(1, dims-k)))
	var factor mat.Cholesky
	seen, moments, codes := mat.NewDense(k, dims, nil), mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
	var before []float32
	for from := 0; from < len(x); from += dims {
		row, m := x[from:from+dims], mask[from:from+dims]
		if !sameMask(before, m) {
			before = m
			for a := range k {
				for j := range dims {
					seen.Set(a, j, p.directions.At(a, j)*float64(m[j]))
				}
			}
			var gram mat.SymDense
			gram.SymOuterK(1, seen)
			for a := range k {
				gram.SetSym(a, a, gram.At(a, a)+left/max(p.variances[a], 1e-9*p.total+1e-12))
			}
			if !factor.Factorize(&gram) {
				return nil, fmt.Errorf("restore: %d components have no least squares on the shown values: use fewer", k)
			}
		}
		rest := mat.NewVecDense(dims, nil)
		for j, v := range row {
			rest.SetVec(j, (float64(v)-p.mean[j])*float64(m[j]))
		}
		moments.MulVec(seen, rest)
		if err := factor.SolveVecTo(codes, moments); err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
		for j := range dims {
			if m[j] == 0 {
				y := p.mean[j]
				for a := range k {
					y += codes.AtVec(a) * p.directions.At(a, j)
				}
				out[from+j] = float32(y)
			}
		}
	}
	return out, nil
}

func sameMask(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
