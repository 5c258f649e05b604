// The gradient of ReLU.

package kernel

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

func reluGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}
