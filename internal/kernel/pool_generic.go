// The plain Go twins of the pooling kernels, and their argument.

package kernel

import "unsafe"

// poolRow is the argument of a pooling kernel: adjacent windows with the same taps, for
// all channels and images. The assembly reads the fields by position. Steps are in
// floats.
type poolRow struct {
	x      []float32 // images; begins with the pixel at which the first window begins
	y      []float32 // of the windows
	index  []float32 // of the windows: the id of the chosen tap
	taps   []int     // offset of each tap in x for the first window; at least one tap
	ids    []float32 // of each tap
	pixels int       // windows
	floats int       // of a pixel: channels times Group
	xStep  int       // from window to window in x
	yStep  int       // from window to window in y and index
	scale  float32
	_      float32
	relu   int       // 1: negative results become 0, NaN stays NaN
	bias   []float32 // of a window; empty for no bias
}

// poolOp is one of the kernels.
type poolOp int

const (
	opMax poolOp = iota
	opMaxGradSet
	opMaxGradAdd
	opSum
	opBox // opSum for windows of 2x2 with stride 1
	opSpreadSet
	opSpreadAdd
)

// pointer returns the argument for the assembly.
func (a *poolRow) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// poolMaxGeneric computes, for each window and element,
//
//	y = the greatest of x over taps, index = the id of its first tap
//
// where a NaN is greater than any number. With relu, index is -1 where the greatest is
// not above 0.
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

// poolMaxGradSetGeneric computes x = y at the tap whose id is index, 0 at the others.
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

// poolMaxGradAddGeneric computes x += y at the tap whose id is index.
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

// poolBoxGeneric is poolSumGeneric for windows of 2x2 with stride 1. It adds the sums of
// the two columns.
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

// epilogue returns relu(scale*sum + bias) for element i of a window.
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

// poolSumGeneric computes y = relu(scale * sum of x over taps + bias), adding the taps in
// order.
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

// poolSpreadAddGeneric computes x += scale * y at every tap; the product is rounded.
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
