// What Peak times where there is no assembly.

//go:build !amd64 || purego

package kernel

// fmaChains returns the plain Go chains: no other instruction set is supported.
func fmaChains(ISA) chainKernel { return chainKernel{1, fmaChainsGeneric} }
