// The vector extensions on arm64.

//go:build arm64 && !purego

package kernel

// Supported lists, narrowest first, the instruction sets that this build has kernels for
// and that the processor supports. Every arm64 processor has NEON.
func Supported() []ISA { return []ISA{Plain, NEON} }
