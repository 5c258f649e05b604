// The vector kernels where there is no assembly.

//go:build !amd64 || purego

package kernel

// bindVector leaves the plain kernels in place: no other instruction set is
// supported.
func bindVector(*Vector[float32], ISA) {}
