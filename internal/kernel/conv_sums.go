// Sums over the lanes of vectors, and over pixels.

package kernel

// laneSums is laneSumsGeneric for vectors of convLanes(isa) lanes.
func laneSums(isa ISA, dst, src []float32) {
	lanes := convLanes(isa)
	n := len(dst) - len(dst)%lanes
	runLaneSums(isa, dst[:n], src[:n*lanes])
	laneSumsGeneric(dst[n:], src[n*lanes:], lanes)
}

// pixelSums is pixelSumsGeneric for vectors of convLanes(isa) lanes.
func pixelSums(isa ISA, acc, x []float32, channels, pixels, step int) {
	lanes := convLanes(isa)
	for c := 0; c < channels; {
		n := channels - c
		switch {
		case isa == Plain:
		case n >= 8:
			n = 8
		default:
			n = 1
		}
		runPixelSums(isa, n, acc[c*lanes:], x[c*Group:], pixels, step)
		c += n
	}
}
