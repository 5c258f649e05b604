package interp

import (
	"github.com/stheno-ml/stheno/lower"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// runMatMul multiplies matrices, batch by batch, by gonum's BLAS.
func runMatMul[T lower.Float](a, b, out lower.Array[T]) {
	r := len(out.Shape)
	m, n, k := out.Shape[r-2], out.Shape[r-1], a.Shape[r-1]
	batches := out.Shape[:r-2].Size()
	a, ta := gemmOperand(a)
	b, tb := gemmOperand(b)
	run := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			gemm(ta, tb, m, n, k, 1, matrixAt(a, i), matrixLD(a, ta), matrixAt(b, i), matrixLD(b, tb), 0, out.Data[i*m*n:], n)
		}
	}
	if batches == 1 { // gonum uses all processors for one product
		run(0, 1)
		return
	}
	parallel(batches, 1, run)
}

// gemmOperand returns an array one of whose last two axes has stride 1, and whether BLAS
// has to take it as transposed. It copies the array only if neither axis has stride 1.
func gemmOperand[T lower.Float](a lower.Array[T]) (lower.Array[T], blas.Transpose) {
	r := len(a.Shape)
	rows, cols := a.Shape[r-2], a.Shape[r-1]
	s0, s1 := a.Strides[r-2], a.Strides[r-1]
	switch {
	case (s1 == 1 || cols == 1) && (s0 >= cols || rows == 1):
		return a, blas.NoTrans
	case (s0 == 1 || rows == 1) && (s1 >= rows || cols == 1):
		return a, blas.Trans
	}
	return lower.ArrayOf(a.Elements(), a.Shape), blas.NoTrans
}

// matrixLD returns the leading dimension of the stored matrix for BLAS.
func matrixLD[T lower.Float](a lower.Array[T], t blas.Transpose) int {
	r := len(a.Shape)
	if t == blas.NoTrans {
		return max(a.Strides[r-2], a.Shape[r-1])
	}
	return max(a.Strides[r-1], a.Shape[r-2])
}

// matrixAt returns the memory of the i-th matrix of a batch.
func matrixAt[T lower.Float](a lower.Array[T], i int) []T {
	off := a.Off
	for ax := len(a.Shape) - 3; ax >= 0; ax-- {
		off += i % a.Shape[ax] * a.Strides[ax]
		i /= a.Shape[ax]
	}
	return a.Data[off:]
}

// gemm computes c = alpha op(a) op(b) + beta c on row-major matrices.
func gemm[T lower.Float](ta, tb blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	var impl gonum.Implementation
	switch c := any(c).(type) {
	case []float32:
		impl.Sgemm(ta, tb, m, n, k, float32(alpha), any(a).([]float32), lda, any(b).([]float32), ldb, float32(beta), c, ldc)
	case []float64:
		impl.Dgemm(ta, tb, m, n, k, float64(alpha), any(a).([]float64), lda, any(b).([]float64), ldb, float64(beta), c, ldc)
	}
}
