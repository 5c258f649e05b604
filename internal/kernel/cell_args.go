// The argument of the assembly of a recurrent cell's step.

//go:build (amd64 || arm64) && !purego

package kernel

import "unsafe"

func forwardRows[F Float](x *CellForward[F], lanes int) cellRows[F] {
	return packRows(x.Rows, x.Units, lanes, [8]Rows[F]{x.Z, x.Add, x.Prev, x.Saved, x.C, x.H, x.H2})
}

func backwardRows[F Float](x *CellBackward[F], lanes int) cellRows[F] {
	return packRows(x.Rows, x.Units, lanes, [8]Rows[F]{x.Saved, x.C, x.Prev, x.DOut, x.DH, x.DC, x.DZ, x.Sum})
}

// cellRows is the argument of the assembly.
type cellRows[F Float] struct {
	at                 [8]*F
	next               [8]int // by matrix: bytes from the end of a row, rounded up to whole vectors, to the next row
	units, rows, block int    // block: bytes from a block of units to the next
}

func packRows[F Float](rows, units, lanes int, matrices [8]Rows[F]) (a cellRows[F]) {
	size := int(unsafe.Sizeof(F(0)))
	width := (units + lanes - 1) / lanes * lanes
	for i, m := range matrices {
		if len(m.Data) > 0 {
			a.at[i] = &m.Data[0]
		}
		a.next[i] = size * (m.Stride - width)
	}
	a.units, a.rows, a.block = units, rows, size*units
	return a
}

// pointer returns the argument for the assembly, whose generator does not know the
// types of this package.
func (a *cellRows[F]) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }
