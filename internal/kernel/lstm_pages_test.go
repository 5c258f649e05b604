//go:build linux

package kernel

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLSTMStaysInsideItsMatrices(t *testing.T) {
	t.Run("float32", testLSTMStaysInside[float32])
	t.Run("float64", testLSTMStaysInside[float64])
}

func testLSTMStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 40
	for _, atEnd := range []bool{true, false} {
		// Memory for eight matrices, each next to its own fence.
		var memory [8][]F
		for i := range memory {
			memory[i] = fenced[F](t, 2*4*most, atEnd)
		}
		for units := 1; units <= most; units++ {
			matrix := func(i, columns int) Rows[F] {
				if atEnd {
					return Rows[F]{memory[i][len(memory[i])-2*columns:], columns}
				}
				return Rows[F]{memory[i][:2*columns], columns}
			}
			for _, isa := range Supported() {
				require.NoError(t, LSTMFor[F](isa).Forward(LSTMForward[F]{
					Rows: 2, Units: units, Z: matrix(0, 4*units), Add: matrix(1, 4*units), CPrev: matrix(2, units),
					Acts: matrix(3, 4*units), C: matrix(4, units), H: matrix(5, units), H2: matrix(6, units),
				}))
				require.NoError(t, LSTMFor[F](isa).Backward(LSTMBackward[F]{
					Rows: 2, Units: units, Acts: matrix(0, 4*units), C: matrix(1, units), CPrev: matrix(2, units),
					DOut: matrix(3, units), DH: matrix(4, units), DC: matrix(5, units), DZ: matrix(6, 4*units), Sum: matrix(7, 4*units),
				}))
			}
		}
	}
}
