// Package driver is the part of CUDA that the machine needs: devices, contexts, memory, streams, graphs, modules, NVRTC
// and cuBLAS. It uses gorgonia.org/cu, and a little cgo of its own for what that lacks. It needs the build tag gpu.
//
// A Context is a GPU in use. Everything else belongs to one: memory, Streams, Events, Modules, Graphs, BLAS. Methods
// may be called from any goroutine; each makes its context the current one of the thread that it runs on, so machines
// on several GPUs, or several on one, do not disturb one another. Calls on one Stream must come from one goroutine at a
// time.
//
// Errors of CUDA are of type *Error; errors.Is knows ErrOutOfMemory and ErrLost. Everything opened must be closed with
// Close, in reverse order; there are no finalizers.
package driver
