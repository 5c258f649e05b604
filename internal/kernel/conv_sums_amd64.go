// Which sums over lanes and pixels run on amd64.

//go:build amd64 && !purego

package kernel

// convLanes is the lanes of an accumulator of convFilters and pixelSums.
func convLanes(isa ISA) int {
	if isa == AVX2 {
		return 8
	}
	return Group
}

// laneSums adds up the lanes of vectors of convLanes(isa); see laneSumsGeneric.
func laneSums(isa ISA, dst, src []float32) {
	lanes := convLanes(isa)
	n := len(dst) - len(dst)%lanes
	switch isa {
	case AVX512:
		laneSumsAVX512(dst[:n], src[:n*lanes])
	case AVX2:
		laneSumsAVX2(dst[:n], src[:n*lanes])
	default:
		n = 0
	}
	laneSumsGeneric(dst[n:], src[n*lanes:], lanes)
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

// reluGrad is reluGradGeneric, in calls that are not too long.
func reluGrad(isa ISA, dx, dy, y []float32) {
	run := reluGradGeneric
	switch isa {
	case AVX512:
		run = reluGradAVX512
	case AVX2:
		run = reluGradAVX2
	}
	const most = vectorsPerCall * 8
	for len(dx) > most {
		run(dx[:most], dy[:most], y[:most])
		dx, dy, y = dx[most:], dy[most:], y[most:]
	}
	run(dx, dy, y)
}
