// How images go side by side and back where there is no assembly.

//go:build !amd64 || purego

package kernel

// interleave runs interleaveGeneric.
func interleave(_ ISA, dst, src []float32, n, count, stride, step int) {
	interleaveGeneric(dst, src, n, count, stride, step)
}

// deinterleave runs deinterleaveGeneric.
func deinterleave(_ ISA, dst, src []float32, n, count, stride, step int) {
	deinterleaveGeneric(dst, src, n, count, stride, step)
}
