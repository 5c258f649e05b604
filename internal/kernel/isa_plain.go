// Platforms and builds without assembly.

//go:build (!amd64 && !arm64) || purego

package kernel

// Supported lists the instruction sets that this build has kernels for: only plain Go.
func Supported() []ISA { return []ISA{Plain} }
