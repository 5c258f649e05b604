package cpu

import "github.com/stheno-ml/stheno/lower"

// mostAxes bounds the axes of an array that is copied without allocating.
const mostAxes = 12

// gather copies the elements of an array from row-major position start on.
func gather[T lower.Float](dst []T, a *lower.Array[T], start int) {
	rank := len(a.Shape)
	if rank == 0 {
		dst[0] = a.Data[a.Off]
		return
	}
	var few [mostAxes]int
	idx := few[:]
	if rank > mostAxes {
		idx = make([]int, rank)
	}
	off, rest := a.Off, start
	for i := rank - 1; i >= 0; i-- {
		idx[i] = rest % a.Shape[i]
		rest /= a.Shape[i]
		off += idx[i] * a.Strides[i]
	}
	inner, stride := a.Shape[rank-1], a.Strides[rank-1]
	for len(dst) > 0 {
		n := min(inner-idx[rank-1], len(dst))
		switch stride {
		case 1:
			copy(dst[:n], a.Data[off:off+n])
		case 0:
			v := a.Data[off]
			for j := range dst[:n] {
				dst[j] = v
			}
		default:
			for j, o := 0, off; j < n; j, o = j+1, o+stride {
				dst[j] = a.Data[o]
			}
		}
		dst = dst[n:]
		off -= idx[rank-1] * stride
		idx[rank-1] = 0
		for i := rank - 2; i >= 0; i-- {
			idx[i]++
			off += a.Strides[i]
			if idx[i] < a.Shape[i] {
				break
			}
			off -= idx[i] * a.Strides[i]
			idx[i] = 0
		}
	}
}
