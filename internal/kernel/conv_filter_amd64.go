// Which filter gradient kernels and sums run on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

// convFilters runs the version of convFilterGeneric for isa.
func convFilters(isa ISA, a *convFilterTile, taps, ins, outs int) {
	p, row := (*uint64)(unsafe.Pointer(a)), taps == 3 && outs == 1 && a.xCol == a.xTap
	switch {
	case isa == AVX512 && row:
		convFilterRowsAVX512(p, ins)
	case isa == AVX2 && row:
		convFilterRowsAVX2(p, ins)
	case isa == AVX512:
		convFiltersAVX512(p, taps, ins, outs)
	case isa == AVX2:
		convFiltersAVX2(p, taps, ins, outs)
	default:
		convFilterGeneric(a, taps, ins, outs, convLanes(isa))
	}
}

// convFiltersAVX512 picks by taps, inputs and outputs.
func convFiltersAVX512(p *uint64, taps, ins, outs int) {
	switch taps<<8 | ins<<4 | outs {
	case 0x111:
		convFilterAVX512T1C1O1(p)
	case 0x112:
		convFilterAVX512T1C1O2(p)
	case 0x114:
		convFilterAVX512T1C1O4(p)
	case 0x118:
		convFilterAVX512T1C1O8(p)
	case 0x121:
		convFilterAVX512T1C2O1(p)
	case 0x122:
		convFilterAVX512T1C2O2(p)
	case 0x124:
		convFilterAVX512T1C2O4(p)
	case 0x128:
		convFilterAVX512T1C2O8(p)
	case 0x141:
		convFilterAVX512T1C4O1(p)
	case 0x142:
		convFilterAVX512T1C4O2(p)
	case 0x144:
		convFilterAVX512T1C4O4(p)
	case 0x181:
		convFilterAVX512T1C8O1(p)
	case 0x182:
		convFilterAVX512T1C8O2(p)
	case 0x211:
		convFilterAVX512T2C1O1(p)
	case 0x212:
		convFilterAVX512T2C1O2(p)
	case 0x214:
		convFilterAVX512T2C1O4(p)
	case 0x218:
		convFilterAVX512T2C1O8(p)
	case 0x221:
		convFilterAVX512T2C2O1(p)
	case 0x222:
		convFilterAVX512T2C2O2(p)
	case 0x224:
		convFilterAVX512T2C2O4(p)
	case 0x241:
		convFilterAVX512T2C4O1(p)
	case 0x242:
		convFilterAVX512T2C4O2(p)
	case 0x281:
		convFilterAVX512T2C8O1(p)
	case 0x311:
		convFilterAVX512T3C1O1(p)
	case 0x312:
		convFilterAVX512T3C1O2(p)
	case 0x314:
		convFilterAVX512T3C1O4(p)
	case 0x318:
		convFilterAVX512T3C1O8(p)
	case 0x321:
		convFilterAVX512T3C2O1(p)
	case 0x322:
		convFilterAVX512T3C2O2(p)
	case 0x324:
		convFilterAVX512T3C2O4(p)
	case 0x341:
		convFilterAVX512T3C4O1(p)
	case 0x342:
		convFilterAVX512T3C4O2(p)
	case 0x381:
		convFilterAVX512T3C8O1(p)
	}
}

// convFiltersAVX2 picks by taps, inputs and outputs.
func convFiltersAVX2(p *uint64, taps, ins, outs int) {
	switch taps<<8 | ins<<4 | outs {
	case 0x111:
		convFilterAVX2T1C1O1(p)
	case 0x112:
		convFilterAVX2T1C1O2(p)
	case 0x114:
		convFilterAVX2T1C1O4(p)
	case 0x118:
		convFilterAVX2T1C1O8(p)
	case 0x121:
		convFilterAVX2T1C2O1(p)
	case 0x122:
		convFilterAVX2T1C2O2(p)
	case 0x124:
		convFilterAVX2T1C2O4(p)
	case 0x141:
		convFilterAVX2T1C4O1(p)
	case 0x142:
		convFilterAVX2T1C4O2(p)
	case 0x181:
		convFilterAVX2T1C8O1(p)
	case 0x211:
		convFilterAVX2T2C1O1(p)
	case 0x212:
		convFilterAVX2T2C1O2(p)
	case 0x214:
		convFilterAVX2T2C1O4(p)
	case 0x221:
		convFilterAVX2T2C2O1(p)
	case 0x222:
		convFilterAVX2T2C2O2(p)
	case 0x241:
		convFilterAVX2T2C4O1(p)
	case 0x311:
		convFilterAVX2T3C1O1(p)
	case 0x312:
		convFilterAVX2T3C1O2(p)
	case 0x314:
		convFilterAVX2T3C1O4(p)
	case 0x321:
		convFilterAVX2T3C2O1(p)
	case 0x322:
		convFilterAVX2T3C2O2(p)
	case 0x341:
		convFilterAVX2T3C4O1(p)
	}
}

// convFilterRowsAVX512 picks by inputs.
func convFilterRowsAVX512(p *uint64, ins int) {
	switch ins {
	case 1:
		convFilterRowAVX512C1(p)
	case 2:
		convFilterRowAVX512C2(p)
	case 4:
		convFilterRowAVX512C4(p)
	case 8:
		convFilterRowAVX512C8(p)
	}
}

// convFilterRowsAVX2 picks by inputs.
func convFilterRowsAVX2(p *uint64, ins int) {
	switch ins {
	case 1:
		convFilterRowAVX2C1(p)
	case 2:
		convFilterRowAVX2C2(p)
	case 4:
		convFilterRowAVX2C4(p)
	}
}
