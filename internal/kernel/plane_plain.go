// Planes where there is no assembly.

//go:build !amd64 || purego

package kernel

// bindPlanes and bindPlanes64 leave the plain kernels: no other instruction set is
// supported.
func bindPlanes(*Planes[float32], ISA) {}

func bindPlanes64(*Planes[float64], ISA) {}
