package interp

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// runGather copies the rows that the indices select; a row that does not exist is NaN.
func runGather[T lower.Float](p lower.Gather, x, indices, out lower.Array[T]) {
	rows, inner := x.Shape[p.Axis], x.Shape[p.Axis+1:].Size()
	at := indices.Elements()
	parallel(x.Shape[:p.Axis].Size()*len(at), max(1, 1<<14/inner), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			dst := out.Data[k*inner : (k+1)*inner]
			if r := lower.RowAt(at[k%len(at)], rows); r >= 0 {
				x.CopyRange(dst, (k/len(at)*rows+r)*inner)
			} else {
				fill(dst, T(math.NaN()))
			}
		}
	})
}

// runScatterAdd adds rows to out, which has zeros, in the order of the indices. It skips
// rows that do not exist.
func runScatterAdd[T lower.Float](p lower.ScatterAdd, x, indices, out lower.Array[T]) {
	inner := x.Shape[p.Axis+1:].Size()
	src, at := x.Elements(), indices.Elements()
	parallel(x.Shape[:p.Axis].Size(), 1, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			for i, index := range at {
				r := lower.RowAt(index, p.Extent)
				if r < 0 {
					continue
				}
				dst := out.Data[(o*p.Extent+r)*inner:][:inner]
				for k, v := range src[(o*len(at)+i)*inner:][:inner] {
					dst[k] += v
				}
			}
		}
	})
}
