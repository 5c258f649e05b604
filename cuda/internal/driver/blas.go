//go:build gpu

package driver

/*
// cuBLAS is opened at run time, so each function is called through its address. Handles are pointers; enumerations are
// ints; layouts are column-major, as in Fortran.
static int blas_create(void *f, void **handle) { return ((int (*)(void **))f)(handle); }
static int blas_destroy(void *f, void *handle) { return ((int (*)(void *))f)(handle); }
static int blas_version(void *f, void *handle, int *version) { return ((int (*)(void *, int *))f)(handle, version); }
static int blas_stream(void *f, void *handle, void *stream) { return ((int (*)(void *, void *))f)(handle, stream); }
static int blas_workspace(void *f, void *handle, unsigned long long at, unsigned long bytes) {
	return ((int (*)(void *, void *, unsigned long))f)(handle, (void *)at, bytes);
}
static int blas_math(void *f, void *handle, int mode) { return ((int (*)(void *, int))f)(handle, mode); }

typedef struct {
	int ta, tb, m, n, k, lda, ldb, ldc, batch;
	long long sa, sb, sc;
	unsigned long long a, b, c;
	double alpha, beta;
} gemm;

#define GEMM(name, real) \
	static int name(void *f, void *handle, gemm g) { \
		real alpha = (real)g.alpha, beta = (real)g.beta; \
		return ((int (*)(void *, int, int, int, int, int, const real *, const real *, int, const real *, int, const real *, real *, int))f)( \
			handle, g.ta, g.tb, g.m, g.n, g.k, &alpha, (const real *)g.a, g.lda, (const real *)g.b, g.ldb, &beta, (real *)g.c, g.ldc); \
	} \
	static int name##_batched(void *f, void *handle, gemm g) { \
		real alpha = (real)g.alpha, beta = (real)g.beta; \
		return ((int (*)(void *, int, int, int, int, int, const real *, const real *, int, long long, const real *, int, long long, const real *, real *, int, long long, int))f)( \
			handle, g.ta, g.tb, g.m, g.n, g.k, &alpha, (const real *)g.a, g.lda, g.sa, (const real *)g.b, g.ldb, g.sb, &beta, (real *)g.c, g.ldc, g.sc, g.batch); \
	}
GEMM(sgemm, float)
GEMM(dgemm, double)
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/stheno-ml/stheno/cuda/internal/dynlib"
)

// The functions of cuBLAS, by their place in BLAS.fn.
const (
	blasCreate = iota
	blasDestroy
	blasVersion
	blasStream
	blasWorkspace
	blasMath
	blasSgemm
	blasDgemm
	blasSgemmBatched
	blasDgemmBatched
)

var blasNames = []string{
	blasCreate:       "cublasCreate_v2",
	blasDestroy:      "cublasDestroy_v2",
	blasVersion:      "cublasGetVersion_v2",
	blasStream:       "cublasSetStream_v2",
	blasWorkspace:    "cublasSetWorkspace_v2",
	blasMath:         "cublasSetMathMode",
	blasSgemm:        "cublasSgemm_v2",
	blasDgemm:        "cublasDgemm_v2",
	blasSgemmBatched: "cublasSgemmStridedBatched",
	blasDgemmBatched: "cublasDgemmStridedBatched",
}

// blasStatus names cublasStatus_t.
var blasStatus = map[C.int][2]string{
	1:  {"CUBLAS_STATUS_NOT_INITIALIZED", "cuBLAS could not be initialized"},
	3:  {"CUBLAS_STATUS_ALLOC_FAILED", "no memory for cuBLAS"},
	7:  {"CUBLAS_STATUS_INVALID_VALUE", "an argument is not valid"},
	8:  {"CUBLAS_STATUS_ARCH_MISMATCH", "the GPU lacks what the function needs"},
	11: {"CUBLAS_STATUS_MAPPING_ERROR", "the GPU's memory could not be reached"},
	13: {"CUBLAS_STATUS_EXECUTION_FAILED", "the GPU failed to run the function"},
	14: {"CUBLAS_STATUS_INTERNAL_ERROR", "an operation within cuBLAS failed"},
	15: {"CUBLAS_STATUS_NOT_SUPPORTED", "cuBLAS does not support this"},
	16: {"CUBLAS_STATUS_LICENSE_ERROR", "cuBLAS lacks a licence"},
}

// blasVersions are the versions in the names of cuBLAS's files, the newest first.
var blasVersions = []string{"13", "12", "11"}

// BLAS is an open cuBLAS that works in one stream. It has its own workspace, so a captured product allocates nothing
// and gives the same bits each time.
type BLAS struct {
	Path    string // its file
	Version int    // 120900 for 12.9.0

	c         *Context
	lib       *dynlib.Library
	fn        []unsafe.Pointer
	handle    unsafe.Pointer
	workspace Pointer
}

// OpenBLAS opens cuBLAS for a stream, of the driver's CUDA version or an earlier one. If file is "", it opens the file
// that $STHENO_CUBLAS names, or the newest found.
func (s *Stream) OpenBLAS(file string) (*BLAS, error) {
	lib, err := dynlib.Search{
		Name: "cuBLAS", Stem: "libcublas.so", Versions: upTo(Version()/1000, blasVersions), Variable: "STHENO_CUBLAS", File: file,
		Install: "install a CUDA toolkit and set CUDA_HOME to its folder, or install the Python wheel nvidia-cublas (of CUDA 12: nvidia-cublas-cu12)",
	}.Open()
	if err != nil {
		return nil, err
	}
	b := &BLAS{Path: lib.Path, c: s.c, lib: lib}
	if b.fn, err = lib.Symbols(blasNames); err == nil {
		err = s.c.Do(func() error { return b.start(s) })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", lib.Path, err), b.Close())
	}
	return b, nil
}

// workspaceBytes is what NVIDIA's documentation of cublasSetWorkspace advises for a compute capability.
func workspaceBytes(arch int) int {
	if arch >= 90 {
		return 32 << 20
	}
	return 4 << 20
}

func (b *BLAS) start(s *Stream) error {
	var version C.int
	err := b.check(blasCreate, C.blas_create(b.fn[blasCreate], &b.handle))
	if err == nil {
		err = b.check(blasVersion, C.blas_version(b.fn[blasVersion], b.handle, &version))
	}
	if b.Version = int(version); err == nil {
		err = b.check(blasStream, C.blas_stream(b.fn[blasStream], b.handle, unsafe.Pointer(s.s.C())))
	}
	if err == nil {
		b.workspace, err = b.c.Alloc(workspaceBytes(b.c.Arch))
	}
	if err == nil { // after the stream: setting the stream resets the workspace
		err = b.check(blasWorkspace, C.blas_workspace(b.fn[blasWorkspace], b.handle, C.ulonglong(b.workspace), C.ulong(workspaceBytes(b.c.Arch))))
	}
	return err
}

func (b *BLAS) check(fn int, code C.int) error {
	if code == 0 {
		return nil
	}
	name, ok := blasStatus[code]
	if !ok {
		name = [2]string{"a status of cuBLAS unknown here", "no description"}
	}
	return &Error{Call: blasNames[fn], Code: int(code), Name: name[0], Text: name[1]}
}

// Close ends cuBLAS, once all its work is done.
func (b *BLAS) Close() error {
	var err error
	if b.handle != nil {
		err = b.c.Do(func() error { return b.check(blasDestroy, C.blas_destroy(b.fn[blasDestroy], b.handle)) })
		b.handle = nil
	}
	err = errors.Join(err, b.c.Free(b.workspace))
	b.workspace = 0
	b.lib.Close()
	return err
}

// Math is how cuBLAS multiplies float32.
type Math int

const (
	MathFull Math = 0 // as IEEE float32
	MathTF32 Math = 3 // operands rounded to 10 bits of mantissa, on the tensor cores of compute capability 8.0 and later
)

// SetMath chooses how the products that follow are computed.
func (b *BLAS) SetMath(m Math) error {
	return b.c.Do(func() error { return b.check(blasMath, C.blas_math(b.fn[blasMath], b.handle, C.int(m))) })
}

// Gemm is a product of row-major matrices, C = Alpha op(A) op(B) + Beta C, with op(A) [M,K], op(B) [K,N] and C [M,N],
// or a batch of such products, whose matrices lie their strides apart. C does not overlap A or B. With Beta = 0, C is
// not read.
type Gemm struct {
	Double        bool // float64; else float32
	TransA        bool // A is stored [K,M]
	TransB        bool // B is stored [N,K]
	M, N, K       int
	Alpha, Beta   float64
	A, B, C       Pointer
	LdA, LdB, LdC int // elements from row to row as stored
	Batch         int // 0: 1
	StrideA       int // elements from product to product; 0: the same matrix for all
	StrideB       int
	StrideC       int
}

// Gemm puts a product into the stream.
func (b *BLAS) Gemm(g Gemm) error {
	// Row-major is column-major transposed: C' = op(B)' op(A)'.
	op := map[bool]C.int{false: 0, true: 1}
	a := C.gemm{
		ta: op[g.TransB], tb: op[g.TransA], m: C.int(g.N), n: C.int(g.M), k: C.int(g.K),
		lda: C.int(g.LdB), ldb: C.int(g.LdA), ldc: C.int(g.LdC), batch: C.int(max(g.Batch, 1)),
		sa: C.longlong(g.StrideB), sb: C.longlong(g.StrideA), sc: C.longlong(g.StrideC),
		a: C.ulonglong(g.B), b: C.ulonglong(g.A), c: C.ulonglong(g.C),
		alpha: C.double(g.Alpha), beta: C.double(g.Beta),
	}
	fn, run := blasSgemm, func(f unsafe.Pointer) C.int { return C.sgemm(f, b.handle, a) }
	switch {
	case g.Double && g.Batch > 1:
		fn, run = blasDgemmBatched, func(f unsafe.Pointer) C.int { return C.dgemm_batched(f, b.handle, a) }
	case g.Double:
		fn, run = blasDgemm, func(f unsafe.Pointer) C.int { return C.dgemm(f, b.handle, a) }
	case g.Batch > 1:
		fn, run = blasSgemmBatched, func(f unsafe.Pointer) C.int { return C.sgemm_batched(f, b.handle, a) }
	}
	err := b.c.Do(func() error { return b.check(fn, run(b.fn[fn])) })
	if err != nil {
		return fmt.Errorf("product [%d,%d][%d,%d], %d of them: %w", g.M, g.K, g.K, g.N, max(g.Batch, 1), err)
	}
	return nil
}
