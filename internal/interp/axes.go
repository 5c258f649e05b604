package interp

import (
	"math"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// dim is the extent and the stride of an axis.
type dim struct{ n, stride int }

// addDim adds an axis inside the others. It merges the axis with the last one if both
// together are one strided run of memory.
func addDim(dims []dim, d dim) []dim {
	if k := len(dims) - 1; k >= 0 && dims[k].stride == d.n*d.stride {
		dims[k] = dim{dims[k].n * d.n, d.stride}
		return dims
	}
	return append(dims, d)
}

// odometer iterates over axes in row-major order.
type odometer struct {
	dims []dim
	idx  []int
	off  int // the offset in memory
}

// newOdometer starts at position i.
func newOdometer(dims []dim, i int) *odometer {
	o := &odometer{dims: dims, idx: make([]int, len(dims))}
	for k := len(dims) - 1; k >= 0; k-- {
		o.idx[k] = i % dims[k].n
		i /= dims[k].n
		o.off += o.idx[k] * dims[k].stride
	}
	return o
}

// next advances by one; after the end it is at the start again.
func (o *odometer) next() {
	for k := len(o.dims) - 1; k >= 0; k-- {
		o.idx[k]++
		o.off += o.dims[k].stride
		if o.idx[k] < o.dims[k].n {
			return
		}
		o.off -= o.idx[k] * o.dims[k].stride
		o.idx[k] = 0
	}
}

// runReduce combines the elements of x along p.Axes into out, where these axes have
// extent 1. It combines the elements of each result in row-major order, in float64.
func runReduce[T lower.Float](p lower.Reduce, x, out lower.Array[T]) {
	var kept, reduced []dim
	for a, n := range x.Shape {
		d := dim{n, x.Strides[a]}
		switch {
		case n == 1:
		case slices.Contains(p.Axes, a):
			reduced = addDim(reduced, d)
		default:
			kept = addDim(kept, d)
		}
	}
	inner := dim{1, 0}
	if k := len(reduced) - 1; k >= 0 {
		inner, reduced = reduced[k], reduced[:k]
	}
	rows := 1
	for _, d := range reduced {
		rows *= d.n
	}
	parallel(len(out.Data), max(1, 1<<14/(rows*inner.n)), func(lo, hi int) {
		to, from := newOdometer(kept, lo), newOdometer(reduced, 0)
		for r := lo; r < hi; r++ {
			acc := 0.0
			if p.Kind == lower.ReduceMax {
				acc = math.Inf(-1)
			}
			for range rows {
				acc = combine(p.Kind, acc, x.Data, x.Off+to.off+from.off, inner)
				from.next()
			}
			out.Data[r] = T(acc)
			to.next()
		}
	})
}

// combine adds the elements along an axis, beginning with x[at], to acc, or takes their
// maximum.
func combine[T lower.Float](k lower.ReduceKind, acc float64, x []T, at int, along dim) float64 {
	switch {
	case k == lower.ReduceMax:
		for i, o := 0, at; i < along.n; i, o = i+1, o+along.stride {
			acc = max(acc, float64(x[o]))
		}
	case along.stride == 1:
		for _, v := range x[at : at+along.n] {
			acc += float64(v)
		}
	default:
		for i, o := 0, at; i < along.n; i, o = i+1, o+along.stride {
			acc += float64(x[o])
		}
	}
	return acc
}

// runConcat concatenates the operands along the axis.
func runConcat[T lower.Float](p lower.Concat, in []lower.Array[T], out lower.Array[T]) {
	outer := out.Shape[:p.Axis].Size()
	row := out.Shape[p.Axis:].Size()
	at := 0
	for _, a := range in {
		n := a.Shape[p.Axis:].Size()
		src := a.Elements()
		for o := range outer {
			copy(out.Data[o*row+at:][:n], src[o*n:])
		}
		at += n
	}
}

// runPad copies the operand into out, which has zeros.
func runPad[T lower.Float](p lower.Pad, x, out lower.Array[T]) {
	if len(x.Shape) == 0 {
		out.Data[0] = x.Data[x.Off]
		return
	}
	last := len(x.Shape) - 1
	n := x.Shape[last]
	src := x.Elements()
	idx := make([]int, len(x.Shape))
	for len(src) > 0 {
		at := 0
		for i := range idx {
			at += (idx[i] + p.Before[i]) * out.Strides[i]
		}
		copy(out.Data[at:at+n], src)
		src = src[n:]
		for i := last - 1; i >= 0; i-- {
			if idx[i]++; idx[i] < x.Shape[i] {
				break
			}
			idx[i] = 0
		}
	}
}
