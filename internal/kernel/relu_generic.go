package kernel

// ReLUGrad writes dx[i] = dy[i] where y[i] > 0, else 0: the gradient of a ReLU
// whose result is y. The lengths are equal and multiples of Group; dx may be dy.
func ReLUGrad(isa ISA, dx, dy, y []float32) { reluGrad(isa, dx, dy[:len(dx)], y[:len(dx)]) }

func reluGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}
