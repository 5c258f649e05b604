// Which convolution kernels run on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

//go:generate go run -C _asm ./conv -out ../conv_amd64.s -stubs ../conv_stub_amd64.go -pkg kernel

// convTiles runs the version of convTileGeneric for isa.
func convTiles(isa ISA, a *convTile, taps, pixels, outs int) {
	p := (*uint64)(unsafe.Pointer(a))
	a.gate = 0
	if len(a.reluOutput) > 0 {
		a.gate = int(uintptr(unsafe.Pointer(&a.reluOutput[0])) - uintptr(unsafe.Pointer(&a.y[0])))
	}
	switch isa {
	case AVX512:
		convTilesAVX512(p, taps, pixels, outs)
	case AVX2:
		convTilesAVX2(p, taps, pixels, outs)
	default:
		convTileGeneric(a, taps, pixels, outs)
	}
}

// convTilesAVX512 picks by taps, pixels and outputs.
func convTilesAVX512(p *uint64, taps, pixels, outs int) {
	switch taps<<8 | pixels<<4 | outs {
	case 0x111:
		convTileAVX512T1P1O1(p)
	case 0x112:
		convTileAVX512T1P1O2(p)
	case 0x114:
		convTileAVX512T1P1O4(p)
	case 0x121:
		convTileAVX512T1P2O1(p)
	case 0x122:
		convTileAVX512T1P2O2(p)
	case 0x124:
		convTileAVX512T1P2O4(p)
	case 0x131:
		convTileAVX512T1P3O1(p)
	case 0x132:
		convTileAVX512T1P3O2(p)
	case 0x134:
		convTileAVX512T1P3O4(p)
	case 0x141:
		convTileAVX512T1P4O1(p)
	case 0x142:
		convTileAVX512T1P4O2(p)
	case 0x144:
		convTileAVX512T1P4O4(p)
	case 0x151:
		convTileAVX512T1P5O1(p)
	case 0x152:
		convTileAVX512T1P5O2(p)
	case 0x154:
		convTileAVX512T1P5O4(p)
	case 0x161:
		convTileAVX512T1P6O1(p)
	case 0x162:
		convTileAVX512T1P6O2(p)
	case 0x164:
		convTileAVX512T1P6O4(p)
	case 0x171:
		convTileAVX512T1P7O1(p)
	case 0x172:
		convTileAVX512T1P7O2(p)
	case 0x181:
		convTileAVX512T1P8O1(p)
	case 0x191:
		convTileAVX512T1P9O1(p)
	case 0x1a1:
		convTileAVX512T1P10O1(p)
	case 0x1b1:
		convTileAVX512T1P11O1(p)
	case 0x1c1:
		convTileAVX512T1P12O1(p)
	case 0x1d1:
		convTileAVX512T1P13O1(p)
	case 0x1e1:
		convTileAVX512T1P14O1(p)
	case 0x311:
		convTileAVX512T3P1O1(p)
	case 0x312:
		convTileAVX512T3P1O2(p)
	case 0x314:
		convTileAVX512T3P1O4(p)
	case 0x321:
		convTileAVX512T3P2O1(p)
	case 0x322:
		convTileAVX512T3P2O2(p)
	case 0x324:
		convTileAVX512T3P2O4(p)
	case 0x331:
		convTileAVX512T3P3O1(p)
	case 0x332:
		convTileAVX512T3P3O2(p)
	case 0x334:
		convTileAVX512T3P3O4(p)
	case 0x341:
		convTileAVX512T3P4O1(p)
	case 0x342:
		convTileAVX512T3P4O2(p)
	case 0x344:
		convTileAVX512T3P4O4(p)
	case 0x351:
		convTileAVX512T3P5O1(p)
	case 0x352:
		convTileAVX512T3P5O2(p)
	case 0x354:
		convTileAVX512T3P5O4(p)
	case 0x361:
		convTileAVX512T3P6O1(p)
	case 0x362:
		convTileAVX512T3P6O2(p)
	case 0x364:
		convTileAVX512T3P6O4(p)
	case 0x371:
		convTileAVX512T3P7O1(p)
	case 0x372:
		convTileAVX512T3P7O2(p)
	case 0x381:
		convTileAVX512T3P8O1(p)
	case 0x391:
		convTileAVX512T3P9O1(p)
	case 0x3a1:
		convTileAVX512T3P10O1(p)
	case 0x3b1:
		convTileAVX512T3P11O1(p)
	case 0x3c1:
		convTileAVX512T3P12O1(p)
	case 0x3d1:
		convTileAVX512T3P13O1(p)
	case 0x3e1:
		convTileAVX512T3P14O1(p)
	}
}

// convTilesAVX2 picks by taps, pixels and outputs.
func convTilesAVX2(p *uint64, taps, pixels, outs int) {
	switch taps<<8 | pixels<<4 | outs {
	case 0x111:
		convTileAVX2T1P1O1(p)
	case 0x112:
		convTileAVX2T1P1O2(p)
	case 0x121:
		convTileAVX2T1P2O1(p)
	case 0x122:
		convTileAVX2T1P2O2(p)
	case 0x131:
		convTileAVX2T1P3O1(p)
	case 0x132:
		convTileAVX2T1P3O2(p)
	case 0x141:
		convTileAVX2T1P4O1(p)
	case 0x142:
		convTileAVX2T1P4O2(p)
	case 0x151:
		convTileAVX2T1P5O1(p)
	case 0x152:
		convTileAVX2T1P5O2(p)
	case 0x161:
		convTileAVX2T1P6O1(p)
	case 0x162:
		convTileAVX2T1P6O2(p)
	case 0x171:
		convTileAVX2T1P7O1(p)
	case 0x181:
		convTileAVX2T1P8O1(p)
	case 0x191:
		convTileAVX2T1P9O1(p)
	case 0x1a1:
		convTileAVX2T1P10O1(p)
	case 0x311:
		convTileAVX2T3P1O1(p)
	case 0x312:
		convTileAVX2T3P1O2(p)
	case 0x321:
		convTileAVX2T3P2O1(p)
	case 0x322:
		convTileAVX2T3P2O2(p)
	case 0x331:
		convTileAVX2T3P3O1(p)
	case 0x332:
		convTileAVX2T3P3O2(p)
	case 0x341:
		convTileAVX2T3P4O1(p)
	case 0x342:
		convTileAVX2T3P4O2(p)
	case 0x351:
		convTileAVX2T3P5O1(p)
	case 0x352:
		convTileAVX2T3P5O2(p)
	case 0x361:
		convTileAVX2T3P6O1(p)
	case 0x362:
		convTileAVX2T3P6O2(p)
	case 0x371:
		convTileAVX2T3P7O1(p)
	case 0x381:
		convTileAVX2T3P8O1(p)
	case 0x391:
		convTileAVX2T3P9O1(p)
	case 0x3a1:
		convTileAVX2T3P10O1(p)
	}
}
