// Which assembly multiplies matrices on amd64.

//go:build amd64 && !purego

package kernel

// gemmTilesFor returns the kernels for isa; for Plain, none.
func gemmTilesFor(isa ISA) *gemmTiles {
	switch isa {
	case AVX512:
		return &gemmTiles{
			lanes: 16, rows: 14, wideRows: 3, maskedB: true,
			narrow: [2][14]gemmTile{{
				gemmTile1x1AVX512, gemmTile2x1AVX512, gemmTile3x1AVX512, gemmTile4x1AVX512, gemmTile5x1AVX512,
				gemmTile6x1AVX512, gemmTile7x1AVX512, gemmTile8x1AVX512, gemmTile9x1AVX512, gemmTile10x1AVX512,
				gemmTile11x1AVX512, gemmTile12x1AVX512, gemmTile13x1AVX512, gemmTile14x1AVX512,
			}, {
				gemmTile1x2AVX512, gemmTile2x2AVX512, gemmTile3x2AVX512, gemmTile4x2AVX512, gemmTile5x2AVX512,
				gemmTile6x2AVX512, gemmTile7x2AVX512, gemmTile8x2AVX512, gemmTile9x2AVX512, gemmTile10x2AVX512,
				gemmTile11x2AVX512, gemmTile12x2AVX512, gemmTile13x2AVX512, gemmTile14x2AVX512,
			}},
			wide:        [3]gemmTile{gemmTile1x8AVX512, gemmTile2x8AVX512, gemmTile3x8AVX512},
			packRows:    [2]gemmPackRows{gemmPackRows1AVX512, gemmPackRows2AVX512},
			packColumns: gemmPackColumnsAVX512,
		}
	case AVX2:
		return &gemmTiles{
			lanes: 8, rows: 6, wideRows: 1,
			narrow: [2][14]gemmTile{{
				gemmTile1x1AVX2, gemmTile2x1AVX2, gemmTile3x1AVX2, gemmTile4x1AVX2, gemmTile5x1AVX2, gemmTile6x1AVX2,
			}, {
				gemmTile1x2AVX2, gemmTile2x2AVX2, gemmTile3x2AVX2, gemmTile4x2AVX2, gemmTile5x2AVX2, gemmTile6x2AVX2,
			}},
			wide:        [3]gemmTile{gemmTile1x8AVX2},
			packRows:    [2]gemmPackRows{gemmPackRows1AVX2, gemmPackRows2AVX2},
			packColumns: gemmPackColumnsAVX2,
		}
	default:
		return nil
	}
}
