// Which pooling kernels run on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

// runPool runs the version of a kernel for isa, of which pixels are whole vectors.
func runPool(isa ISA, op poolOp, a *poolRow) {
	p := (*uint64)(unsafe.Pointer(a))
	switch {
	case isa == AVX512 && a.floats%16 == 0:
		poolAVX512(op, p)
	case isa != Plain && a.floats%8 == 0:
		poolAVX2(op, p)
	default:
		poolGeneric(op, a)
	}
}

func poolAVX512(op poolOp, p *uint64) {
	switch op {
	case opMax:
		poolMaxAVX512(p)
	case opMaxGradSet:
		poolMaxGradSetAVX512(p)
	case opMaxGradAdd:
		poolMaxGradAddAVX512(p)
	case opSum:
		poolSumAVX512(p)
	case opBox:
		poolBoxAVX512(p)
	case opSpreadSet:
		poolSpreadSetAVX512(p)
	case opSpreadAdd:
		poolSpreadAddAVX512(p)
	}
}

func poolAVX2(op poolOp, p *uint64) {
	switch op {
	case opMax:
		poolMaxAVX2(p)
	case opMaxGradSet:
		poolMaxGradSetAVX2(p)
	case opMaxGradAdd:
		poolMaxGradAddAVX2(p)
	case opSum:
		poolSumAVX2(p)
	case opBox:
		poolBoxAVX2(p)
	case opSpreadSet:
		poolSpreadSetAVX2(p)
	case opSpreadAdd:
		poolSpreadAddAVX2(p)
	}
}
