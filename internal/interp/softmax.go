package interp

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// runSoftmax computes each stretch along the axis by itself, in float64, in
// three passes: maximum, sum of exponentials, results.
func runSoftmax[T lower.Float](p lower.Softmax, x, out lower.Array[T]) {
	src := x.Elements()
	n := x.Shape[p.Axis]
	step := x.Shape[p.Axis+1:].Size()
	parallel(len(src)/n, max(1, 1<<12/n), func(lo, hi int) {
		e := make([]float64, n)
		for s := lo; s < hi; s++ {
			at := s/step*n*step + s%step
			most := math.Inf(-1)
			for k := range e {
				most = max(most, float64(src[at+k*step]))
			}
			sum := 0.0
			for k := range e {
				e[k] = math.Exp(float64(src[at+k*step]) - most)
				sum += e[k]
			}
			if p.Log {
				logSum := math.Log(sum)
				for k := range e {
					out.Data[at+k*step] = T(float64(src[at+k*step]) - most - logSum)
				}
				continue
			}
			for k := range e {
				out.Data[at+k*step] = T(e[k] / sum)
			}
		}
	})
}
