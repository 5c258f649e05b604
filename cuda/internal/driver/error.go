//go:build gpu

package driver

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/cu"
)

var (
	// ErrOutOfMemory is the error of an allocation for which the GPU, or the host, has no memory.
	ErrOutOfMemory = errors.New("out of memory")
	// ErrLost is the error of a context that no longer works: a kernel faulted, or the device is gone. Every later call
	// fails in the same way, until all users of the GPU in this process have closed their contexts.
	ErrLost = errors.New("the GPU's context is lost")
)

// Error is a CUDA call that failed.
type Error struct {
	Call string // the function, "cuMemAlloc"
	Code int    // CUresult or cublasStatus_t
	Name string // its name, "CUDA_ERROR_OUT_OF_MEMORY"
	Text string // the library's description of it
	Log  string // the messages of the driver's compiler, for a module
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s (%d): %s", e.Call, e.Name, e.Code, e.Text)
	if hint := hints[e.Name]; hint != "" {
		s += ": " + hint
	}
	if e.Log != "" {
		s += ":\n" + e.Log
	}
	return s
}

// Is says whether the error is ErrOutOfMemory or ErrLost.
func (e *Error) Is(target error) bool {
	return target == ErrOutOfMemory && slices.Contains(outOfMemory, e.Name) || target == ErrLost && slices.Contains(lost, e.Name)
}

var outOfMemory = []string{"CUDA_ERROR_OUT_OF_MEMORY", "CUBLAS_STATUS_ALLOC_FAILED"}

var lost = []string{
	"CUDA_ERROR_DEVICE_UNAVAILABLE",
	"CUDA_ERROR_ECC_UNCORRECTABLE",
	"CUDA_ERROR_NVLINK_UNCORRECTABLE",
	"CUDA_ERROR_CONTEXT_IS_DESTROYED",
	"CUDA_ERROR_ILLEGAL_ADDRESS",
	"CUDA_ERROR_LAUNCH_TIMEOUT",
	"CUDA_ERROR_ASSERT",
	"CUDA_ERROR_HARDWARE_STACK_ERROR",
	"CUDA_ERROR_ILLEGAL_INSTRUCTION",
	"CUDA_ERROR_MISALIGNED_ADDRESS",
	"CUDA_ERROR_INVALID_ADDRESS_SPACE",
	"CUDA_ERROR_INVALID_PC",
	"CUDA_ERROR_LAUNCH_FAILED",
	"CUDA_ERROR_CONTAINED",
}

// hints say what to do about an error, by its name.
var hints = map[string]string{
	"CUDA_ERROR_OUT_OF_MEMORY":           "a smaller batch needs less; nvidia-smi shows who else uses the GPU",
	"CUDA_ERROR_NO_DEVICE":               "no NVIDIA GPU is to be seen: look at nvidia-smi and $CUDA_VISIBLE_DEVICES",
	"CUDA_ERROR_UNSUPPORTED_PTX_VERSION": "the driver is older than the NVRTC that compiled this: update the driver, or set STHENO_NVRTC to an older NVRTC",
	"CUDA_ERROR_NO_BINARY_FOR_GPU":       "the code is for another GPU than this one",
	"CUDA_ERROR_INVALID_IMAGE":           "the driver cannot read the code: it is older than the NVRTC that compiled it, or the file in the cache is damaged",
	"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH":  "the driver's library and its kernel module differ: restart the machine after an update of the driver",
	"CUDA_ERROR_LAUNCH_TIMEOUT":          "the GPU also drives a display, and its kernels may not take so long",
	"CUBLAS_STATUS_ARCH_MISMATCH":        "this cuBLAS does not know this GPU: set STHENO_CUBLAS to another version's file",
	"CUBLAS_STATUS_ALLOC_FAILED":         "the GPU has no room for cuBLAS: a smaller batch needs less",
}

// check returns the error of a call by package cu as an *Error, or nil.
func check(call string, err error) error {
	if err == nil {
		return nil
	}
	code := cu.Success // only its type is wanted, which has no name outside cu
	if !errors.As(err, &code) {
		return fmt.Errorf("%s: %w", call, err)
	}
	return newError(call, int(code))
}
