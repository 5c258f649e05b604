//go:build linux

package kernel

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCellsStayInsideTheirMatrices(t *testing.T) {
	t.Run("float32", testCellsStayInside[float32])
	t.Run("float64", testCellsStayInside[float64])
}

func testCellsStayInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 40
	for _, atEnd := range []bool{true, false} {
		// Memory for eight matrices, each next to its own fence.
		var memory [8][]F
		for i := range memory {
			memory[i] = fenced[F](t, 2*4*most, atEnd)
		}
		for units := 1; units <= most; units++ {
			matrix := func(i, blocks int) Rows[F] {
				columns := blocks * units
				if atEnd {
					return Rows[F]{memory[i][len(memory[i])-2*columns:], columns}
				}
				return Rows[F]{memory[i][:2*columns], columns}
			}
			for kind := range CellKind(cellKinds) {
				s := cellSizes[kind]
				for _, isa := range Supported() {
					require.NoError(t, CellFor[F](kind, isa).Forward(CellForward[F]{
						Rows: 2, Units: units, Z: matrix(0, s.blocks), Add: matrix(1, s.blocks), Prev: matrix(2, 1),
						Saved: matrix(3, s.saved), C: matrix(4, 1), H: matrix(5, 1), H2: matrix(6, 1),
					}))
					require.NoError(t, CellFor[F](kind, isa).Backward(CellBackward[F]{
						Rows: 2, Units: units, Saved: matrix(0, s.saved), C: matrix(1, 1), Prev: matrix(2, 1),
						DOut: matrix(3, 1), DH: matrix(4, 1), DC: matrix(5, 1), DZ: matrix(6, s.blocks), Sum: matrix(7, s.blocks),
					}))
				}
			}
		}
	}
}
