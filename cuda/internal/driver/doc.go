// Package driver is CUDA as the machine needs it: devices, contexts, memory, streams, graphs, modules, NVRTC and cuBLAS,
// over gorgonia.org/cu where that has it and a little cgo of its own where it has not. With the build tag gpu.
//
// A Context is a GPU in use. All else belongs to one: memory, Streams, Events, Modules, Graphs, BLAS. Methods may be called
// from any goroutine; each makes its context the current one of the thread that it runs on, so machines on several GPUs, or
// several on one, do not disturb one another. One Stream's calls must come from one goroutine at a time.
//
// Errors of CUDA are of type *Error; errors.Is knows ErrOutOfMemory and ErrLost. Whatever was opened is closed by Close, in
// the opposite order; there are no finalizers.
package driver
