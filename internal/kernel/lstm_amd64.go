// The argument of the assembly of an LSTM's step.

//go:build amd64 && !purego

package kernel

import "unsafe"

func forwardRows[F Float](x *LSTMForward[F], lanes int) gateRows[F] {
	return packRows(x.Rows, x.Units, lanes, [8]Rows[F]{x.Z, x.Add, x.CPrev, x.Acts, x.C, x.H, x.H2})
}

func backwardRows[F Float](x *LSTMBackward[F], lanes int) gateRows[F] {
	return packRows(x.Rows, x.Units, lanes, [8]Rows[F]{x.Acts, x.C, x.CPrev, x.DOut, x.DH, x.DC, x.DZ, x.Sum})
}

// gateRows is the argument of the assembly.
type gateRows[F Float] struct {
	at                [8]*F
	next              [8]int // by matrix: bytes from the end of a row, rounded up to whole vectors, to the next row
	units, rows, gate int    // gate: bytes from a gate to the next
}

func packRows[F Float](rows, units, lanes int, matrices [8]Rows[F]) (a gateRows[F]) {
	size := int(unsafe.Sizeof(F(0)))
	width := (units + lanes - 1) / lanes * lanes
	for i, m := range matrices {
		if len(m.Data) > 0 {
			a.at[i] = &m.Data[0]
		}
		a.next[i] = size * (m.Stride - width)
	}
	a.units, a.rows, a.gate = units, rows, size*units
	return a
}

// pointer returns the argument for the assembly, whose generator does not know the
// types of this package.
func (a *gateRows[F]) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }
