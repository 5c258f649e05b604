package lower

import "fmt"

// Softmax is e^x over the sum of e^x along an axis, or its logarithm:
//
//	softmax    y = e^(x-m) / sum e^(x-m)
//	log        y = x - m - log sum e^(x-m)
//
// where m is the maximum along the axis, so that no exponential overflows. A slice
// along the axis is NaN if it has a NaN or +infinity, or nothing but -infinity.
type Softmax struct {
	Axis int
	Log  bool
}

func (p Softmax) String() string {
	if p.Log {
		return fmt.Sprintf("logsoftmax[axis %d]", p.Axis)
	}
	return fmt.Sprintf("softmax[axis %d]", p.Axis)
}

// Infer requires an axis of the operand.
func (p Softmax) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if err := checkAxis(in[0], p.Axis); err != nil {
		return nil, err
	}
	return []Shape{in[0]}, nil
}
