//go:build linux

package kernel

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLSTMStaysInsideItsMatrices(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 40
	for _, atEnd := range []bool{true, false} {
		// Memory for eight matrices, each next to a fence of its own.
		var memory [8][]float32
		for i := range memory {
			memory[i] = fenced[float32](t, 2*4*most, atEnd)
		}
		for units := 1; units <= most; units++ {
			matrix := func(i, columns int) Rows[float32] {
				if atEnd {
					return Rows[float32]{memory[i][len(memory[i])-2*columns:], columns}
				}
				return Rows[float32]{memory[i][:2*columns], columns}
			}
			for _, isa := range Supported() {
				require.NoError(t, LSTMFor[float32](isa).Forward(LSTMForward[float32]{
					Rows: 2, Units: units, Z: matrix(0, 4*units), Add: matrix(1, 4*units), CPrev: matrix(2, units),
					Acts: matrix(3, 4*units), C: matrix(4, units), H: matrix(5, units), H2: matrix(6, units),
				}))
				require.NoError(t, LSTMFor[float32](isa).Backward(LSTMBackward[float32]{
					Rows: 2, Units: units, Acts: matrix(0, 4*units), C: matrix(1, units), CPrev: matrix(2, units),
					DOut: matrix(3, units), DH: matrix(4, units), DC: matrix(5, units), DZ: matrix(6, 4*units), Sum: matrix(7, 4*units),
				}))
			}
		}
	}
}
