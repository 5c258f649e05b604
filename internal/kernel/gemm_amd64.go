// Which assembly multiplies matrices on amd64.

//go:build amd64 && !purego

package kernel

// gemmTilesFor returns the kernels for isa; for Plain, none.
func gemmTilesFor[F Float](isa ISA) *gemmTiles[F] {
	if t, ok := any(gemmTiles32(isa)).(*gemmTiles[F]); ok {
		return t
	}
	return any(gemmTiles64(isa)).(*gemmTiles[F])
}

// gemmTiles32 returns the float32 kernels.
func gemmTiles32(isa ISA) *gemmTiles[float32] {
	switch isa {
	case AVX512:
		return &gemmTiles[float32]{
			lanes: 16, rows: 14, wideRows: 3, maskedB: true,
			narrow: [2][14]gemmTile[float32]{{
				gemmTile1x1AVX512, gemmTile2x1AVX512, gemmTile3x1AVX512, gemmTile4x1AVX512, gemmTile5x1AVX512,
				gemmTile6x1AVX512, gemmTile7x1AVX512, gemmTile8x1AVX512, gemmTile9x1AVX512, gemmTile10x1AVX512,
				gemmTile11x1AVX512, gemmTile12x1AVX512, gemmTile13x1AVX512, gemmTile14x1AVX512,
			}, {
				gemmTile1x2AVX512, gemmTile2x2AVX512, gemmTile3x2AVX512, gemmTile4x2AVX512, gemmTile5x2AVX512,
				gemmTile6x2AVX512, gemmTile7x2AVX512, gemmTile8x2AVX512, gemmTile9x2AVX512, gemmTile10x2AVX512,
				gemmTile11x2AVX512, gemmTile12x2AVX512, gemmTile13x2AVX512, gemmTile14x2AVX512,
			}},
			wide:        [3]gemmTile[float32]{gemmTile1x8AVX512, gemmTile2x8AVX512, gemmTile3x8AVX512},
			packRows:    [2]gemmPackRows[float32]{gemmPackRows1AVX512, gemmPackRows2AVX512},
			packColumns: gemmPackColumnsAVX512,
			implicit: [2][]implicitTile[float32]{{
				gemmImplicit1x1AVX512, gemmImplicit2x1AVX512, gemmImplicit3x1AVX512, gemmImplicit4x1AVX512, gemmImplicit5x1AVX512,
				gemmImplicit6x1AVX512, gemmImplicit7x1AVX512, gemmImplicit8x1AVX512, gemmImplicit9x1AVX512, gemmImplicit10x1AVX512,
			}, {
				gemmImplicit1x2AVX512, gemmImplicit2x2AVX512, gemmImplicit3x2AVX512, gemmImplicit4x2AVX512, gemmImplicit5x2AVX512,
				gemmImplicit6x2AVX512, gemmImplicit7x2AVX512, gemmImplicit8x2AVX512, gemmImplicit9x2AVX512, gemmImplicit10x2AVX512,
			}},
		}
	case AVX2:
		return &gemmTiles[float32]{
			lanes: 8, rows: 6, wideRows: 1,
			narrow: [2][14]gemmTile[float32]{{
				gemmTile1x1AVX2, gemmTile2x1AVX2, gemmTile3x1AVX2, gemmTile4x1AVX2, gemmTile5x1AVX2, gemmTile6x1AVX2,
			}, {
				gemmTile1x2AVX2, gemmTile2x2AVX2, gemmTile3x2AVX2, gemmTile4x2AVX2, gemmTile5x2AVX2, gemmTile6x2AVX2,
			}},
			wide:        [3]gemmTile[float32]{gemmTile1x8AVX2},
			packRows:    [2]gemmPackRows[float32]{gemmPackRows1AVX2, gemmPackRows2AVX2},
			packColumns: gemmPackColumnsAVX2,
			implicit: [2][]implicitTile[float32]{{
				gemmImplicit1x1AVX2, gemmImplicit2x1AVX2, gemmImplicit3x1AVX2, gemmImplicit4x1AVX2, gemmImplicit5x1AVX2,
				gemmImplicit6x1AVX2, gemmImplicit7x1AVX2, gemmImplicit8x1AVX2, gemmImplicit9x1AVX2, gemmImplicit10x1AVX2,
			}, {
				gemmImplicit1x2AVX2, gemmImplicit2x2AVX2, gemmImplicit3x2AVX2, gemmImplicit4x2AVX2, gemmImplicit5x2AVX2,
				gemmImplicit6x2AVX2,
			}},
		}
	default:
		return nil
	}
}

// gemmTiles64 returns the float64 kernels.
func gemmTiles64(isa ISA) *gemmTiles[float64] {
	switch isa {
	case AVX512:
		return &gemmTiles[float64]{
			lanes: 8, rows: 14, wideRows: 3, maskedB: true,
			narrow: [2][14]gemmTile[float64]{{
				gemm64Tile1x1AVX512, gemm64Tile2x1AVX512, gemm64Tile3x1AVX512, gemm64Tile4x1AVX512, gemm64Tile5x1AVX512,
				gemm64Tile6x1AVX512, gemm64Tile7x1AVX512, gemm64Tile8x1AVX512, gemm64Tile9x1AVX512, gemm64Tile10x1AVX512,
				gemm64Tile11x1AVX512, gemm64Tile12x1AVX512, gemm64Tile13x1AVX512, gemm64Tile14x1AVX512,
			}, {
				gemm64Tile1x2AVX512, gemm64Tile2x2AVX512, gemm64Tile3x2AVX512, gemm64Tile4x2AVX512, gemm64Tile5x2AVX512,
				gemm64Tile6x2AVX512, gemm64Tile7x2AVX512, gemm64Tile8x2AVX512, gemm64Tile9x2AVX512, gemm64Tile10x2AVX512,
				gemm64Tile11x2AVX512, gemm64Tile12x2AVX512, gemm64Tile13x2AVX512, gemm64Tile14x2AVX512,
			}},
			wide:        [3]gemmTile[float64]{gemm64Tile1x8AVX512, gemm64Tile2x8AVX512, gemm64Tile3x8AVX512},
			packRows:    [2]gemmPackRows[float64]{gemm64PackRows1AVX512, gemm64PackRows2AVX512},
			packColumns: gemm64PackColumnsAVX512,
			implicit: [2][]implicitTile[float64]{{
				gemm64Implicit1x1AVX512, gemm64Implicit2x1AVX512, gemm64Implicit3x1AVX512, gemm64Implicit4x1AVX512, gemm64Implicit5x1AVX512,
				gemm64Implicit6x1AVX512, gemm64Implicit7x1AVX512, gemm64Implicit8x1AVX512, gemm64Implicit9x1AVX512, gemm64Implicit10x1AVX512,
			}, {
				gemm64Implicit1x2AVX512, gemm64Implicit2x2AVX512, gemm64Implicit3x2AVX512, gemm64Implicit4x2AVX512, gemm64Implicit5x2AVX512,
				gemm64Implicit6x2AVX512, gemm64Implicit7x2AVX512, gemm64Implicit8x2AVX512, gemm64Implicit9x2AVX512, gemm64Implicit10x2AVX512,
			}},
		}
	case AVX2:
		return &gemmTiles[float64]{
			lanes: 4, rows: 6, wideRows: 1,
			narrow: [2][14]gemmTile[float64]{{
				gemm64Tile1x1AVX2, gemm64Tile2x1AVX2, gemm64Tile3x1AVX2, gemm64Tile4x1AVX2, gemm64Tile5x1AVX2, gemm64Tile6x1AVX2,
			}, {
				gemm64Tile1x2AVX2, gemm64Tile2x2AVX2, gemm64Tile3x2AVX2, gemm64Tile4x2AVX2, gemm64Tile5x2AVX2, gemm64Tile6x2AVX2,
			}},
			wide:        [3]gemmTile[float64]{gemm64Tile1x8AVX2},
			packRows:    [2]gemmPackRows[float64]{gemm64PackRows1AVX2, gemm64PackRows2AVX2},
			packColumns: gemm64PackColumnsAVX2,
			implicit: [2][]implicitTile[float64]{{
				gemm64Implicit1x1AVX2, gemm64Implicit2x1AVX2, gemm64Implicit3x1AVX2, gemm64Implicit4x1AVX2, gemm64Implicit5x1AVX2,
				gemm64Implicit6x1AVX2, gemm64Implicit7x1AVX2, gemm64Implicit8x1AVX2, gemm64Implicit9x1AVX2, gemm64Implicit10x1AVX2,
			}, {
				gemm64Implicit1x2AVX2, gemm64Implicit2x2AVX2, gemm64Implicit3x2AVX2, gemm64Implicit4x2AVX2, gemm64Implicit5x2AVX2,
				gemm64Implicit6x2AVX2,
			}},
		}
	default:
		return nil
	}
}
