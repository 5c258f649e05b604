// The LSTM where there is no assembly.

//go:build !amd64 || purego

package kernel

// LSTMFor returns the plain kernels: no other instruction set is supported.
func LSTMFor(ISA) LSTM { return LSTM{lstmForwardGeneric, lstmBackwardGeneric} }
