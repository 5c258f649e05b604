// Which instruction sets the kernels of this process can use.

package kernel

// ISA names an instruction set that kernels are written for.
type ISA string

// The instruction sets, from plain Go to the widest.
const (
	// Plain is Go code, on every platform and under the build tag purego.
	Plain ISA = "go"
	// AVX2 is amd64 with 256-bit vectors and fused multiply-add.
	AVX2 ISA = "avx2"
	// NEON is arm64 with its 128-bit vectors, which all have.
	NEON ISA = "neon"
	// AVX512 is amd64 with 512-bit vectors (the foundation subset).
	AVX512 ISA = "avx512"
)

// Best returns the last of Supported, the widest instruction set.
func Best() ISA {
	all := Supported()
	return all[len(all)-1]
}
