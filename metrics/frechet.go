package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Frechet is the squared Fréchet distance (Heusel et al. 2017, eq. 6) of the normal
// distributions with the means m and the covariances C, of divisor n-1, of the points x
// and y, each [N, dims] in row-major order:
//
//	|m_x - m_y|^2 + trace(C_x + C_y - 2 (C_x C_y)^(1/2))
//
// Points are features of images, such as the units of a classifier's last hidden layer;
// distances by different features cannot be compared. Each set needs at least two
// points.
func Frechet(x, y []float64, dims int) (float64, error) {
	meanX, covX, err := moments(x, dims)
	if err != nil {
		return 0, err
	}
	meanY, covY, err := moments(y, dims)
	if err != nil {
		return 0, err
	}
	distance := mat.Trace(covX) + mat.Trace(covY)
	for i, m := range meanX {
		distance += (m - meanY[i]) * (m - meanY[i])
	}
	// The root of C_x C_y has the trace of that of R C_y R with R the root of C_x.
	var eigen mat.EigenSym
	if !eigen.Factorize(covX, true) {
		return 0, fmt.Errorf("metrics: the covariance of %d dimensions has no eigenvalues", dims)
	}
	var vectors, root, product mat.Dense
	eigen.VectorsTo(&vectors)
	scaled := mat.DenseCopyOf(&vectors)
	for j, v := range eigen.Values(nil) {
		for i := range dims {
			scaled.Set(i, j, scaled.At(i, j)*math.Sqrt(max(v, 0)))
		}
	}
	root.Mul(scaled, vectors.T())
	product.Product(&root, covY, &root)
	symmetric := mat.NewSymDense(dims, nil)
	for i := range dims {
		for j := i; j < dims; j++ {
			symmetric.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	if !eigen.Factorize(symmetric, false) {
		return 0, fmt.Errorf("metrics: the product of covariances of %d dimensions has no eigenvalues", dims)
	}
	for _, v := range eigen.Values(nil) {
		distance -= 2 * math.Sqrt(max(v, 0))
	}
	return max(distance, 0), nil
}

// moments are the mean and the covariance of points x [N, dims].
func moments(x []float64, dims int) (mean []float64, cov *mat.SymDense, err error) {
	if dims < 1 || len(x)%dims != 0 || len(x) < 2*dims {
		return nil, nil, fmt.Errorf("metrics: %d values are not two or more points of %d dimensions", len(x), dims)
	}
	n := len(x) / dims
	mean = make([]float64, dims)
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("metrics: point %d has a value that is not finite", i/dims)
		}
		mean[i%dims] += v / float64(n)
	}
	cov = mat.NewSymDense(dims, nil)
	stat.CovarianceMatrix(cov, mat.NewDense(n, dims, x), nil)
	return mean, cov, nil
}
