package interp

import (
	"math"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// eachLine calls f in parallel for every line of elements along an axis. The first
// element of the line is at index at, and the stride is step.
func eachLine(shape lower.Shape, axis int, f func(line, at, step int)) {
	n, step := shape[axis], shape[axis+1:].Size()
	parallel(shape.Size()/n, max(1, 1<<12/n), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			f(k, lower.LineAt(k, n, step), step)
		}
	})
}

// runCumSum computes the running sums of each line in float64.
func runCumSum[T lower.Float](p lower.CumSum, x, out lower.Array[T]) {
	src, n := x.Elements(), x.Shape[p.Axis]
	eachLine(x.Shape, p.Axis, func(_, at, step int) {
		if p.Reverse {
			at, step = at+(n-1)*step, -step
		}
		sum := 0.0
		for k := range n {
			v := float64(src[at+k*step])
			if !p.Exclusive {
				sum += v
			}
			out.Data[at+k*step] = T(sum)
			if p.Exclusive {
				sum += v
			}
		}
	})
}

// runTopK sorts each line, and returns the first k elements and their indices.
func runTopK[T lower.Float](p lower.TopK, x, values, numbers lower.Array[T]) {
	src, n := x.Elements(), x.Shape[p.Axis]
	eachLine(x.Shape, p.Axis, func(line, at, step int) {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			switch a, b := src[at+i*step], src[at+j*step]; {
			case lower.Above(a, b):
				return -1
			case lower.Above(b, a):
				return 1
			}
			return 0
		})
		to := lower.LineAt(line, p.K, step)
		for k, i := range order[:p.K] {
			values.Data[to+k*step], numbers.Data[to+k*step] = src[at+i*step], T(i)
		}
	})
}

// runTakeAlong copies elements of each line by index.
func runTakeAlong[T lower.Float](p lower.TakeAlong, x, numbers, out lower.Array[T]) {
	src, at, n := x.Elements(), numbers.Elements(), x.Shape[p.Axis]
	eachLine(out.Shape, p.Axis, func(line, to, step int) {
		from := lower.LineAt(line, n, step)
		for k := range out.Shape[p.Axis] {
			if i := lower.RowAt(at[to+k*step], n); i >= 0 {
				out.Data[to+k*step] = src[from+i*step]
			} else {
				out.Data[to+k*step] = T(math.NaN())
			}
		}
	})
}

// runPutAlong adds elements to out, which has zeros, by index.
func runPutAlong[T lower.Float](p lower.PutAlong, x, numbers, out lower.Array[T]) {
	src, at := x.Elements(), numbers.Elements()
	eachLine(x.Shape, p.Axis, func(line, from, step int) {
		to := lower.LineAt(line, p.Extent, step)
		for k := range x.Shape[p.Axis] {
			if i := lower.RowAt(at[from+k*step], p.Extent); i >= 0 {
				out.Data[to+i*step] += src[from+k*step]
			}
		}
	})
}
