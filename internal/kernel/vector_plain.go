// The vector kernels where there is no assembly.

//go:build !amd64 || purego

package kernel

// bindVector and bindVector64 leave the plain kernels in place: no other instruction set is
// supported.
func bindVector(*Vector[float32], ISA) {}

func bindVector64(*Vector[float64], ISA) {}
