// The fused multiply-add of float32, in plain Go.

//go:build !arm64

package kernel

import "math"

// mulAdd32 returns x*y + z rounded once, as the processor's fused multiply-add does.
// The product of two float32 is exact in float64. So rounding the sum to float64 and
// then to float32 is wrong only if the first rounding gives the midpoint of two
// float32. Such sums are rounded to odd instead (Boldo and Melquiond 2008), which
// makes the second rounding right. It calls nothing, so that a call of it costs little.
func mulAdd32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	sum := p + c
	bits := math.Float64bits(sum)
	// At the midpoint of two normal float32, only the highest of the 29 bits that
	// float32 lacks is set. 897 is the exponent of the least normal float32.
	if bits<<35 != 1<<63 && bits<<1 >= 897<<53 {
		return float32(sum)
	}
	// The exact rounding error of the addition (Knuth's two-sum).
	t := sum - p
	rest := (p - (sum - t)) + (c - t)
	if bits&1 == 0 && (rest > 0 || rest < 0) {
		if (rest > 0) == (sum > 0) {
			bits++
		} else {
			bits--
		}
	}
	return float32(math.Float64frombits(bits))
}
