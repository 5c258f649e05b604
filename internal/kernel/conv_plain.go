// The convolution kernels where there is no assembly.

//go:build !amd64 || purego

package kernel

// convTiles runs convTileGeneric.
func convTiles(_ ISA, a *convTile, taps, pixels, outs int) { convTileGeneric(a, taps, pixels, outs) }

// convFilters runs convFilterGeneric.
func convFilters(isa ISA, a *convFilterTile, taps, ins, outs int) {
	convFilterGeneric(a, taps, ins, outs, convLanes(isa))
}

// convLanes is the lanes of an accumulator of convFilters and pixelSums.
func convLanes(ISA) int { return Group }

// laneSums runs laneSumsGeneric.
func laneSums(isa ISA, dst, src []float32) { laneSumsGeneric(dst, src, convLanes(isa)) }

// pixelSums runs pixelSumsGeneric.
func pixelSums(isa ISA, acc, x []float32, channels, pixels, step int) {
	pixelSumsGeneric(acc, x, channels, convLanes(isa), pixels, step)
}

// reluGrad runs reluGradGeneric.
func reluGrad(_ ISA, dx, dy, y []float32) { reluGradGeneric(dx, dy, y) }
