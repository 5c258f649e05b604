// Platforms and builds without assembly.

//go:build !amd64 || purego

package kernel

// Supported lists the instruction sets that this build has kernels for: here
// plain Go alone.
func Supported() []ISA { return []ISA{Plain} }
