//go:build gpu

package driver

// What gorgonia.org/cu lacks, or has with a bug: pinned memory, launches that allocate nothing, capture, graphs,
// modules with the compiler's log, the names of errors.

/*
#include <cuda.h>
#include <stdlib.h>

#define MAX_ARGUMENTS 512

// The arguments are device addresses; the driver takes the address of each.
static CUresult launch(CUfunction f, unsigned grid, unsigned block, CUstream stream, CUdeviceptr *args, int n) {
	void *at[MAX_ARGUMENTS];
	for (int i = 0; i < n; i++) at[i] = args + i;
	return cuLaunchKernel(f, grid, 1, 1, block, 1, 1, 0, stream, at, 0);
}

static CUresult load(CUmodule *module, const void *image, char *log, size_t size) {
	CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
	void *values[] = {log, (void *)size};
	return cuModuleLoadDataEx(module, image, 2, options, values);
}

// The thread-local mode leaves other machines of this process free to allocate.
static CUresult begin_capture(CUstream stream) {
	return cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
}

// cuGraphInstantiateWithFlags has had one meaning since CUDA 11.4; cuGraphInstantiate has had three.
static CUresult instantiate(CUgraphExec *exec, CUgraph graph) {
	return cuGraphInstantiateWithFlags(exec, graph, 0);
}
*/
import "C"

import (
	"strings"
	"unsafe"

	"gorgonia.org/cu"
)

const maxArguments = C.MAX_ARGUMENTS

// newError is the error of a call that did not return success.
func newError(call string, code int) *Error {
	e := &Error{Call: call, Code: code, Name: "an error unknown to this driver", Text: "no description"}
	var s *C.char
	if C.cuGetErrorName(C.CUresult(code), &s) == C.CUDA_SUCCESS && s != nil {
		e.Name = C.GoString(s)
	}
	if C.cuGetErrorString(C.CUresult(code), &s) == C.CUDA_SUCCESS && s != nil {
		e.Text = C.GoString(s)
	}
	return e
}

func result(call string, code C.CUresult) error {
	if code == C.CUDA_SUCCESS {
		return nil
	}
	return newError(call, int(code))
}

func streamOf(s cu.Stream) C.CUstream { return C.CUstream(unsafe.Pointer(s.C())) }

func hostAlloc(bytes int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	err := result("cuMemHostAlloc", C.cuMemHostAlloc(&p, C.size_t(bytes), C.CU_MEMHOSTALLOC_PORTABLE))
	return p, err
}

type (
	moduleHandle   = C.CUmodule
	functionHandle = C.CUfunction
	graphHandle    = C.CUgraph
	execHandle     = C.CUgraphExec
)

func loadModule(image []byte) (moduleHandle, error) {
	const size = 8192
	log := (*C.char)(C.calloc(1, size))
	defer C.free(unsafe.Pointer(log))
	var m moduleHandle
	err := result("cuModuleLoadDataEx", C.load(&m, unsafe.Pointer(&image[0]), log, size))
	if e, ok := err.(*Error); ok {
		e.Log = strings.TrimSpace(C.GoString(log))
	}
	return m, err
}

func unloadModule(m moduleHandle) error { return result("cuModuleUnload", C.cuModuleUnload(m)) }

func getFunction(m moduleHandle, name string) (functionHandle, error) {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	var f functionHandle
	err := result("cuModuleGetFunction", C.cuModuleGetFunction(&f, m, s))
	return f, err
}

func launch(f functionHandle, grid, block int, s cu.Stream, args []Pointer) error {
	return result("cuLaunchKernel", C.launch(f, C.uint(grid), C.uint(block), streamOf(s), (*C.CUdeviceptr)(unsafe.Pointer(unsafe.SliceData(args))), C.int(len(args))))
}

func beginCapture(s cu.Stream) error {
	return result("cuStreamBeginCapture", C.begin_capture(streamOf(s)))
}

func endCapture(s cu.Stream) (graphHandle, error) {
	var g graphHandle
	err := result("cuStreamEndCapture", C.cuStreamEndCapture(streamOf(s), &g))
	return g, err
}

func graphNodes(g graphHandle) (int, error) {
	var n C.size_t
	err := result("cuGraphGetNodes", C.cuGraphGetNodes(g, nil, &n))
	return int(n), err
}

func instantiate(g graphHandle) (execHandle, error) {
	var e execHandle
	err := result("cuGraphInstantiateWithFlags", C.instantiate(&e, g))
	return e, err
}

func destroyGraph(g graphHandle) error { return result("cuGraphDestroy", C.cuGraphDestroy(g)) }

func launchGraph(e execHandle, s cu.Stream) error {
	return result("cuGraphLaunch", C.cuGraphLaunch(e, streamOf(s)))
}

func destroyExec(e execHandle) error { return result("cuGraphExecDestroy", C.cuGraphExecDestroy(e)) }
