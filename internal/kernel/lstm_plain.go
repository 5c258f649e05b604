// The LSTM where there is no assembly.

//go:build !amd64 || purego

package kernel

// lstm32 returns the plain kernels: no other instruction set is supported.
func lstm32(ISA) LSTM[float32] { return lstmPlain32() }

func lstm64(ISA) LSTM[float64] { return lstmPlain64() }
