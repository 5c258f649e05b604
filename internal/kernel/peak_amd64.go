// Which assembly Peak times on amd64.

//go:build amd64 && !purego

package kernel

// fmaChains returns the chains written for isa.
func fmaChains(isa ISA) chainKernel {
	switch isa {
	case AVX512:
		return chainKernel{16, fmaChainsAVX512}
	case AVX2:
		return chainKernel{8, fmaChainsAVX2}
	default:
		return chainKernel{1, fmaChainsGeneric}
	}
}
