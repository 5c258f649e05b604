// The pooling kernels where there is no assembly.

//go:build !amd64 || purego

package kernel

// runPool runs the plain Go kernel.
func runPool(_ ISA, op poolOp, a *poolRow) { poolGeneric(op, a) }
