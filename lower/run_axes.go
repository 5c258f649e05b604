package lower

import "math"

// runReduce combines the elements of x along p.Axes into out, whose axes there
// have extent 1. Each result is combined in row-major order of its elements.
func runReduce[T Float](p Reduce, x, out Array[T]) {
	// Kept axes first, reduced axes last: each result reads one stretch.
	var kept, reduced []int
	dropped := make([]bool, len(x.Shape))
	for _, a := range p.Axes {
		dropped[a] = true
	}
	for a := range x.Shape {
		if dropped[a] {
			reduced = append(reduced, a)
		} else {
			kept = append(kept, a)
		}
	}
	perm := append(kept, reduced...)
	sorted := make(Shape, len(perm))
	for i, a := range perm {
		sorted[i] = x.Shape[a]
	}
	y := View(Transpose{perm}, x, sorted)
	n := sorted[len(kept):].Size()
	results := len(out.Data)
	whole := y.Contiguous()
	parallel(results, max(1, 1<<14/n), func(lo, hi int) {
		buf := make([]T, min(n, 1<<12))
		for r := lo; r < hi; r++ {
			acc := 0.0
			if p.Kind == ReduceMax {
				acc = math.Inf(-1)
			}
			for at := 0; at < n; at += len(buf) {
				part := buf[:min(len(buf), n-at)]
				if whole {
					part = y.Data[y.Off+r*n+at:][:len(part)]
				} else {
					y.copyRange(part, r*n+at)
				}
				acc = combine(p.Kind, acc, part)
			}
			out.Data[r] = T(acc)
		}
	})
}

// combine folds the elements into acc, in float64.
func combine[T Float](k ReduceKind, acc float64, x []T) float64 {
	if k == ReduceMax {
		for _, v := range x {
			acc = max(acc, float64(v))
		}
		return acc
	}
	for _, v := range x {
		acc += float64(v)
	}
	return acc
}

// runConcat copies the operands one after the other along the axis.
func runConcat[T Float](p Concat, in []Array[T], out Array[T]) {
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

// runPad copies the operand into the middle of zeros.
func runPad[T Float](p Pad, x, out Array[T]) {
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
