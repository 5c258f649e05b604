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

// lstm64 returns the float64 kernels for isa.
func lstm64(isa ISA) LSTM[float64] {
	switch isa {
	case AVX512:
		return LSTM[float64]{
			func(x LSTMForward[float64]) { a := forwardRows(&x, 8); lstmForward64AVX512(a.pointer()) },
			func(x LSTMBackward[float64]) { a := backwardRows(&x, 8); lstmBackward64AVX512(a.pointer()) },
		}
	case AVX2:
		return LSTM[float64]{
			func(x LSTMForward[float64]) { a := forwardRows(&x, 4); lstmForward64AVX2(a.pointer()) },
			func(x LSTMBackward[float64]) { a := backwardRows(&x, 4); lstmBackward64AVX2(a.pointer()) },
		}
	default:
		return lstmPlain64()
	}
}

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
	units, rows, gate int    // gate: bytes from one to the next
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

// pointer is how the assembly, whose generator knows no types of this package,
// takes its argument.
func (a *gateRows[F]) pointer() *uintptr { return (*uintptr)(unsafe.Pointer(a)) }
