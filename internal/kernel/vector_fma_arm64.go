// The fused multiply-add of float32 on arm64.

package kernel

// mulAdd32 returns x*y + z rounded once. The compiler for arm64 fuses the two operations,
// as the language allows. The conversion keeps it from fusing the sum with a product that z
// is, where the function is inlined.
func mulAdd32(x, y, z float32) float32 { return x*y + float32(z) }
