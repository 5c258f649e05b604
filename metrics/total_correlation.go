package metrics

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// TotalCorrelation is that of the normal distribution with the covariance C of the points
// x [N, dims], in nats: the divergence of the distribution from the product of its
// dimensions,
//
//	(sum over k of log C_kk - log det C) / 2
//
// It is 0 if the dimensions are uncorrelated, and infinite if one depends linearly on the
// others. Dimensions that do not vary do not count.
func TotalCorrelation(x []float64, dims int) (float64, error) {
	_, cov, err := moments(x, dims)
	if err != nil {
		return 0, err
	}
	var vary []int
	for i := range dims {
		if cov.At(i, i) > 0 {
			vary = append(vary, i)
		}
	}
	if len(vary) < 2 {
		return 0, nil
	}
	correlation := mat.NewSymDense(len(vary), nil)
	for a, i := range vary {
		for b, j := range vary {
			correlation.SetSym(a, b, cov.At(i, j)/math.Sqrt(cov.At(i, i)*cov.At(j, j)))
		}
	}
	var c mat.Cholesky
	if !c.Factorize(correlation) {
		return math.Inf(1), nil
	}
	return max(0, -c.LogDet()/2), nil
}
