package compiled

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// Scalar returns the number that a scalar value of type T is.
func Scalar[T lower.Float](v gorgonia.Value) (x T, ok bool) {
	switch to := any(&x).(type) {
	case *float32:
		if f, is := v.(*gorgonia.F32); is {
			*to, ok = float32(*f), true
		}
	case *float64:
		if f, is := v.(*gorgonia.F64); is {
			*to, ok = float64(*f), true
		}
	}
	return x, ok
}
