// Which assembly computes an LSTM's step on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

// lstm32 returns the float32 kernels for isa.
func lstm32(isa ISA) LSTM[float32] {
	switch isa {
	case AVX512:
		return LSTM[float32]{
			func(x LSTMForward[float32]) { a := forwardRows(&x, 16); lstmForwardAVX512(a.pointer()) },
			func(x LSTMBackward[float32]) { a := backwardRows(&x, 16); lstmBackwardAVX512(a.pointer()) },
		}
	case AVX2:
		return LSTM[float32]{
			func(x LSTMForward[float32]) { a := forwardRows(&x, 8); lstmForwardAVX2(a.pointer()) },
			func(x LSTMBackward[float32]) { a := backwardRows(&x, 8); lstmBackwardAVX2(a.pointer()) },
		}
	default:
		return lstmPlain32()
	}
}

func forwardRows(x *LSTMForward[float32], lanes int) gateRows {
	return packRows(x.Rows, x.Units, lanes, [8]Rows[float32]{x.Z, x.Add, x.CPrev, x.Acts, x.C, x.H, x.H2})
}

func backwardRows(x *LSTMBackward[float32], lanes int) gateRows {
	return packRows(x.Rows, x.Units, lanes, [8]Rows[float32]{x.Acts, x.C, x.CPrev, x.DOut, x.DH, x.DC, x.DZ, x.Sum})
}

// gateRows is the argument of the assembly.
type gateRows struct {
	at                [8]*float32
	next              [8]int // by matrix: bytes from the end of a row, rounded up to whole vectors, to the next row
	units, rows, gate int    // gate: bytes from one to the next
}

func packRows(rows, units, lanes int, matrices [8]Rows[float32]) (a gateRows) {
	width := (units + lanes - 1) / lanes * lanes
	for i, m := range matrices {
		if len(m.Data) > 0 {
			a.at[i] = &m.Data[0]
		}
		a.next[i] = 4 * (m.Stride - width)
	}
	a.units, a.rows, a.gate = units, rows, 4*units
	return a
}

// pointer is how the assembly, whose generator knows no types of this package,
// takes its argument.
func (a *gateRows) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }
