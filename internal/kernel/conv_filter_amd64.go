// Which filter gradient kernels and sums run on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

// convFilters runs the version of convFilterGeneric for isa.
func convFilters(isa ISA, a *convFilterTile, taps, ins, outs int) {
	p := (*uint64)(unsafe.Pointer(a))
	switch isa {
	case AVX512:
		convFiltersAVX512(p, taps, ins, outs)
	case AVX2:
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

// convLanes is the lanes of an accumulator of convFilters and pixelSums.
func convLanes(isa ISA) int {
	if isa == AVX2 {
		return 8
	}
	return Group
}

// laneSums adds up the lanes of vectors of convLanes(isa).
func laneSums(isa ISA, dst, src []float32) {
	n := 0
	if isa == AVX512 {
		n = len(dst) &^ 15
		laneSumsAVX512(dst[:n], src[:n*Group])
	}
	laneSumsGeneric(dst[n:], src[n*convLanes(isa):], convLanes(isa))
}

// pixelSums adds up channels over a row of pixels; see pixelSumsGeneric.
func pixelSums(isa ISA, acc, x []float32, channels, pixels, step int) {
	lanes := convLanes(isa)
	if isa == Plain {
		pixelSumsGeneric(acc, x, channels, lanes, pixels, step)
		return
	}
	for c := 0; c < channels; {
		a, v := acc[c*lanes:], x[c*Group:]
		switch {
		case isa == AVX512 && channels-c >= 8:
			pixelSumsAVX512C8(a, v, pixels, step)
			c += 8
		case isa == AVX512:
			pixelSumsAVX512C1(a, v, pixels, step)
			c++
		case channels-c >= 8:
			pixelSumsAVX2C8(a, v, pixels, step)
			c += 8
		default:
			pixelSumsAVX2C1(a, v, pixels, step)
			c++
		}
	}
}
