//go:build !amd64 || purego

package kernel

// NormalFor returns normalGeneric.
func NormalFor(ISA) func(dst []float32, words []uint32) { return normalGeneric }
