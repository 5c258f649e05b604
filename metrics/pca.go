package metrics

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// PCA is the result of a principal component analysis: the plane through the points'
// mean from which their mean squared distance is least. No linear autoencoder has a
// lower error on these points (Baldi and Hornik 1989).
type PCA struct {
	// Mean is the points' mean, [dims].
	Mean []float64
	// Directions are orthonormal rows, [components, dims], the one with the greatest
	// variance first.
	Directions []float64
	// Variances are the points' variances along the directions, with divisor N.
	Variances []float64
}

// pcaBlock is the number of points whose products are added up at a time.
const pcaBlock = 1000

// FitPCA returns the first principal components of the points x [N, dims], in row-major
// order: 1 to dims of them.
func FitPCA(x []float64, dims, components int) (*PCA, error) {
	if dims < 1 || len(x) == 0 || len(x)%dims != 0 {
		return nil, fmt.Errorf("metrics: pca: %d values are not points of %d dimensions", len(x), dims)
	}
	if components < 1 || components > dims {
		return nil, fmt.Errorf("metrics: pca: %d components of %d dimensions: want from 1 to as many as dimensions", components, dims)
	}
	n := len(x) / dims
	p := &PCA{Mean: make([]float64, dims), Directions: make([]float64, components*dims), Variances: make([]float64, components)}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("metrics: pca: a value is not finite")
		}
		p.Mean[i%dims] += v / float64(n)
	}
	covariance := mat.NewSymDense(dims, nil)
	var part mat.SymDense
	for first := 0; first < n; first += pcaBlock {
		part.SymOuterK(1/float64(n), p.centred(x, first, min(n, first+pcaBlock)).T())
		covariance.AddSym(covariance, &part)
		part.Reset()
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, errors.New("metrics: pca: the eigenvectors of the covariance do not converge")
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for k := range components {
		p.Variances[k] = max(0, values[dims-1-k])
		mat.Col(p.Directions[k*dims:(k+1)*dims], dims-1-k, &vectors)
	}
	return p, nil
}

// centred returns the points first to end-1 without their mean.
func (p *PCA) centred(x []float64, first, end int) *mat.Dense {
	dims := len(p.Mean)
	c := mat.NewDense(end-first, dims, nil)
	for i, v := range x[first*dims : end*dims] {
		c.RawMatrix().Data[i] = v - p.Mean[i%dims]
	}
	return c
}

// MSE returns the mean over all values of the squared error of the points x [N, dims]
// reconstructed from their components.
func (p *PCA) MSE(x []float64) (float64, error) {
	dims := len(p.Mean)
	if dims == 0 || len(x) == 0 || len(x)%dims != 0 {
		return 0, fmt.Errorf("metrics: pca: %d values are not points of %d dimensions", len(x), dims)
	}
	directions := mat.NewDense(len(p.Directions)/dims, dims, p.Directions)
	sum, n := 0.0, len(x)/dims
	for first := 0; first < n; first += pcaBlock {
		c := p.centred(x, first, min(n, first+pcaBlock))
		var codes, recon mat.Dense
		codes.Mul(c, directions.T())
		recon.Mul(&codes, directions)
		recon.Sub(c, &recon)
		for _, d := range recon.RawMatrix().Data {
			sum += d * d
		}
	}
	return sum / float64(len(x)), nil
}

// PrincipalAngles returns the angles in degrees between the spaces that the rows of a
// and of b span, [rows, dims] each, in ascending order: as many as the smaller space has
// dimensions (Björck and Golub 1973). They are all 0 if one space contains the other.
// The rows of each must be linearly independent.
func PrincipalAngles(a, b []float64, dims int) ([]float64, error) {
	if dims < 1 || len(a) == 0 || len(b) == 0 || len(a)%dims != 0 || len(b)%dims != 0 {
		return nil, fmt.Errorf("metrics: principal angles: %d and %d values are not rows of %d", len(a), len(b), dims)
	}
	var bases [2]*mat.Dense
	for i, rows := range [][]float64{a, b} {
		n := len(rows) / dims
		if n > dims {
			return nil, fmt.Errorf("metrics: principal angles: %d rows of %d cannot be independent", n, dims)
		}
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(n, dims, rows).T(), mat.SVDThin) {
			return nil, errors.New("metrics: principal angles: the singular values do not converge")
		}
		if s := svd.Values(nil); !(s[n-1] > 1e-12*s[0]) {
			return nil, fmt.Errorf("metrics: principal angles: the rows of a space are not independent: their singular values are from %g to %g", s[n-1], s[0])
		}
		bases[i] = new(mat.Dense)
		svd.UTo(bases[i])
	}
	// The cosine cannot tell small angles apart, and the sine not those near 90 degrees.
	qa, qb := bases[0], bases[1]
	if _, na := qa.Dims(); na < second(qb.Dims()) {
		qa, qb = qb, qa
	}
	var cosines, projected, rest mat.Dense
	cosines.Mul(qa.T(), qb)
	projected.Mul(qa, &cosines)
	rest.Sub(qb, &projected)
	var c, s mat.SVD
	if !c.Factorize(&cosines, mat.SVDNone) || !s.Factorize(&rest, mat.SVDNone) {
		return nil, errors.New("metrics: principal angles: the singular values do not converge")
	}
	cos, sin := c.Values(nil), s.Values(nil)
	angles := make([]float64, second(qb.Dims()))
	for i := range angles {
		angles[i] = math.Atan2(sin[len(angles)-1-i], cos[i]) * 180 / math.Pi
	}
	return angles, nil
}

func second(_, b int) int { return b }
