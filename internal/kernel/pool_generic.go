// The plain Go twins of the pooling kernels, and what they are given.

package kernel

import "unsafe"

// poolRow is the work of one call of a pooling kernel: neighbouring windows with
// the same taps, all channels and images. The assembly reads the fields by their
// place. Counts and steps are in floats.
type poolRow struct {
	x      []float32 // images, from what a tap at 0 reads for the first window
	y      []float32 // of the windows
	index  []float32 // of the windows: which tap was chosen
	taps   []int     // from x to each tap of the first window; at least one
	ids    []float32 // the number of each tap
	pixels int       // windows
	floats int       // channels times Group
	xStep  int       // between neighbouring windows in x
	yStep  int       // and in y and index
	scale  float32
	_      float32
	relu   int       // 1: negative results become 0, NaN stays
	bias   []float32 // of a window; empty for none
}

// poolOp is one of the kernels.
type poolOp int

const (
	opMax poolOp = iota
	opMaxGradSet
	opMaxGradAdd
	opSum
	opBox // of windows of 2x2 that move by a pixel
	opSpreadSet
	opSpreadAdd
)

// pointer is the argument of the assembly.
func (a *poolRow) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// poolMaxGeneric computes, for each window and element,
//
//	y = the greatest of x over taps, index = ids of the tap that it is first at
//
// where a NaN is greater than any number. With relu, index is -1 where the
// greatest is not above 0.
func poolMaxGeneric(a *poolRow) {
	for p := range a.pixels {
		y, index := a.y[p*a.yStep:][:a.floats], a.index[p*a.yStep:][:a.floats]
		for i := range y {
			top, at := a.x[p*a.xStep+a.taps[0]+i], a.ids[0]
			for t, tap := range a.taps {
				if v := a.x[p*a.xStep+tap+i]; top == top && !(v <= top) {
					top, at = v, a.ids[t]
				}
			}
			if a.relu != 0 && top <= 0 {
				at = -1
				if top < 0 {
					top = 0
				}
			}
			y[i], index[i] = top, at
		}
	}
}

// poolMaxGradSetGeneric computes x = y at the tap whose number is index, 0 at
// the others.
func poolMaxGradSetGeneric(a *poolRow) {
	for p := range a.pixels {
		y, index := a.y[p*a.yStep:][:a.floats], a.index[p*a.yStep:][:a.floats]
		for t, tap := range a.taps {
			x := a.x[p*a.xStep+tap:][:a.floats]
			for i, v := range y {
				if index[i] != a.ids[t] {
					v = 0
				}
				x[i] = v
			}
		}
	}
}

// poolMaxGradAddGeneric adds what poolMaxGradSetGeneric would write.
func poolMaxGradAddGeneric(a *poolRow) {
	for p := range a.pixels {
		y, index := a.y[p*a.yStep:][:a.floats], a.index[p*a.yStep:][:a.floats]
		for t, tap := range a.taps {
			x := a.x[p*a.xStep+tap:][:a.floats]
			for i, v := range y {
				if index[i] == a.ids[t] {
					x[i] += v
				}
			}
		}
	}
}

// poolBoxGeneric is poolSumGeneric for taps side by side in two rows: the sums of
// the two columns are added.
func poolBoxGeneric(a *poolRow) {
	x := a.x[a.taps[0]:]
	below := a.taps[2] - a.taps[0]
	for p := range a.pixels {
		y := a.y[p*a.yStep:][:a.floats]
		for i := range y {
			at := p*a.xStep + i
			y[i] = a.epilogue(i, (x[at]+x[at+below])+(x[at+a.xStep]+x[at+a.xStep+below]))
		}
	}
}

// epilogue is relu(scale*sum + bias) of element i of a window.
func (a *poolRow) epilogue(i int, sum float32) float32 {
	sum *= a.scale
	if len(a.bias) > 0 {
		sum = float32(sum) + a.bias[i]
	}
	if a.relu != 0 {
		sum = max(sum, 0)
	}
	return sum
}

// poolSumGeneric computes y = relu(scale * the sum of x over taps, in their
// order, + bias).
func poolSumGeneric(a *poolRow) {
	for p := range a.pixels {
		y := a.y[p*a.yStep:][:a.floats]
		clear(y)
		for _, tap := range a.taps {
			for i, v := range a.x[p*a.xStep+tap:][:a.floats] {
				y[i] += v
			}
		}
		for i := range y {
			y[i] = a.epilogue(i, y[i])
		}
	}
}

// poolSpreadSetGeneric computes x = scale * y at every tap.
func poolSpreadSetGeneric(a *poolRow) {
	for p := range a.pixels {
		for _, tap := range a.taps {
			x := a.x[p*a.xStep+tap:][:a.floats]
			for i, v := range a.y[p*a.yStep:][:a.floats] {
				x[i] = a.scale * v
			}
		}
	}
}

// poolSpreadAddGeneric adds scale * y, rounded, at every tap.
func poolSpreadAddGeneric(a *poolRow) {
	for p := range a.pixels {
		for _, tap := range a.taps {
			x := a.x[p*a.xStep+tap:][:a.floats]
			for i, v := range a.y[p*a.yStep:][:a.floats] {
				x[i] += float32(a.scale * v)
			}
		}
	}
}
