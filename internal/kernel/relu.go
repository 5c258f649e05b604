// The gradient of ReLU.

package kernel

import "math"

// ReLUGrad writes dx[i] = dy[i] where y[i] > 0, else 0: the gradient of a ReLU with
// output y. The lengths are equal; dx may be dy.
func ReLUGrad(isa ISA, dx, dy, y []float32) {
	const perCall = vectorsPerCall * 8 // a multiple of Group
	n := len(dx) / Group * Group
	for from := 0; from < n; from += perCall {
		to := min(from+perCall, n)
		runReLUGrad(isa, dx[from:to], dy[from:to], y[from:to])
	}
	reluGradGeneric(dx[n:], dy[n:], y[n:len(dx)])
}

// reluGeneric replaces negative values by 0; NaN stays NaN. As bits, a select needs no branch.
func reluGeneric(x []float32) {
	for i, v := range x {
		bits := math.Float32bits(v)
		if v < 0 {
			bits = 0
		}
		x[i] = math.Float32frombits(bits)
	}
}

func reluGradGeneric(dx, dy, y []float32) {
	dx, dy = dx[:len(y)], dy[:len(y)]
	for i, v := range y {
		bits := math.Float32bits(dy[i])
		if !(v > 0) {
			bits = 0
		}
		dx[i] = math.Float32frombits(bits)
	}
}
