package interp

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// runSoftmax computes the softmax along the axis in float64, in three passes: maximum,
// sum of exponentials, results.
func runSoftmax[T lower.Float](p lower.Softmax, x, out lower.Array[T]) {
	src := x.Elements()
	n := x.Shape[p.Axis]
	step := x.Shape[p.Axis+1:].Size()
	parallel(len(src)/n, max(1, 1<<12/n), func(lo, hi int) {
		e := make([]float64, n)
		for s := lo; s < hi; s++ {
			at := s/step*n*step + s%step
			top := math.Inf(-1)
			for k := range e {
				top = max(top, float64(src[at+k*step]))
			}
			sum := 0.0
			for k := range e {
				e[k] = math.Exp(float64(src[at+k*step]) - top)
				sum += e[k]
			}
			if p.Log {
				logSum := math.Log(sum)
				for k := range e {
					out.Data[at+k*step] = T(float64(src[at+k*step]) - top - logSum)
				}
				continue
			}
			for k := range e {
				out.Data[at+k*step] = T(e[k] / sum)
			}
		}
	})
}
