//go:build gpu

package nvrtc

/*
#include <stdlib.h>

// The library is opened at run time, so each function is called through its address.
static int version(void *f, int *major, int *minor) { return ((int (*)(int *, int *))f)(major, minor); }
static int number(void *f, int *n) { return ((int (*)(int *))f)(n); }
static const char *message(void *f, int code) { return ((const char *(*)(int))f)(code); }
static int create(void *f, void **program, const char *source, const char *name) {
	return ((int (*)(void **, const char *, const char *, int, const char *const *, const char *const *))f)(program, source, name, 0, 0, 0);
}
static int destroy(void *f, void **program) { return ((int (*)(void **))f)(program); }
static int compile(void *f, void *program, int n, const char **options) {
	return ((int (*)(void *, int, const char *const *))f)(program, n, options);
}
static int size(void *f, void *program, size_t *n) { return ((int (*)(void *, size_t *))f)(program, n); }
static int text(void *f, void *program, char *to) { return ((int (*)(void *, char *))f)(program, to); }
*/
import "C"

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/stheno-ml/stheno/cuda/internal/dynlib"
)

// The functions, by their place in Library.fn.
const (
	fnVersion = iota
	fnArchCount
	fnArches
	fnMessage
	fnCreate
	fnDestroy
	fnCompile
	fnLogSize
	fnLog
	fnCubinSize
	fnCubin
	fnPTXSize
	fnPTX
)

var names = []string{
	fnVersion:   "nvrtcVersion",
	fnArchCount: "nvrtcGetNumSupportedArchs",
	fnArches:    "nvrtcGetSupportedArchs",
	fnMessage:   "nvrtcGetErrorString",
	fnCreate:    "nvrtcCreateProgram",
	fnDestroy:   "nvrtcDestroyProgram",
	fnCompile:   "nvrtcCompileProgram",
	fnLogSize:   "nvrtcGetProgramLogSize",
	fnLog:       "nvrtcGetProgramLog",
	fnCubinSize: "nvrtcGetCUBINSize",
	fnCubin:     "nvrtcGetCUBIN",
	fnPTXSize:   "nvrtcGetPTXSize",
	fnPTX:       "nvrtcGetPTX",
}

// Library is an open NVRTC. Several goroutines may compile at once.
type Library struct {
	Path         string // its file
	Major, Minor int    // its version
	Arches       []int  // the compute capabilities that it compiles for, 75 for 7.5, ascending

	lib *dynlib.Library
	fn  []unsafe.Pointer
}

// Versions are the versions in the names of NVRTC's files, the newest first.
var Versions = []string{"13", "12", "11.2"}

// Open opens NVRTC: the file given, or the one that $STHENO_NVRTC names, or the
// first of the versions (nil means Versions) that is found.
func Open(file string, versions []string) (*Library, error) {
	if versions == nil {
		versions = Versions
	}
	lib, err := dynlib.Search{
		Name: "NVRTC, CUDA's run-time compiler,", Stem: "libnvrtc.so", Versions: versions, Variable: "STHENO_NVRTC", File: file,
		Install: "install a CUDA toolkit and set CUDA_HOME to its folder, or install the Python wheel nvidia-cuda-nvrtc (of CUDA 12: nvidia-cuda-nvrtc-cu12)",
	}.Open()
	if err != nil {
		return nil, err
	}
	l := &Library{Path: lib.Path, lib: lib}
	if err := l.load(); err != nil {
		lib.Close()
		return nil, err
	}
	return l, nil
}

func (l *Library) load() (err error) {
	if l.fn, err = l.lib.Symbols(names); err != nil {
		return err
	}
	var major, minor, count C.int
	if err := l.check(fnVersion, C.version(l.fn[fnVersion], &major, &minor)); err != nil {
		return err
	}
	l.Major, l.Minor = int(major), int(minor)
	if err := l.check(fnArchCount, C.number(l.fn[fnArchCount], &count)); err != nil {
		return err
	}
	arches := make([]C.int, max(int(count), 1))
	if err := l.check(fnArches, C.number(l.fn[fnArches], &arches[0])); err != nil {
		return err
	}
	for _, a := range arches[:count] {
		l.Arches = append(l.Arches, int(a))
	}
	slices.Sort(l.Arches)
	if len(l.Arches) == 0 {
		return fmt.Errorf("%s compiles for no GPU", l.Path)
	}
	return nil
}

// Close closes the library.
func (l *Library) Close() { l.lib.Close() }

// Error is an NVRTC call that failed.
type Error struct {
	Call string // the function
	Code int
	Text string // NVRTC's description of the code
	Log  string // the compiler's messages, with line numbers of the source
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s (%d)", e.Call, e.Text, e.Code)
	if e.Log != "" {
		s += ":\n" + e.Log
	}
	return s
}

func (l *Library) check(fn int, code C.int) error {
	if code == 0 {
		return nil
	}
	return &Error{Call: names[fn], Code: int(code), Text: C.GoString(C.message(l.fn[fnMessage], code))}
}

// Image is compiled code.
type Image struct {
	Code []byte // a cubin, or PTX with its final zero byte
	Arch int    // the compute capability that it is for
	PTX  bool   // the driver must still compile it
	Log  string // the compiler's warnings
}

// Compile compiles a translation unit of CUDA C, C++ 17, for a compute capability (90 for 9.0); name is the file name
// in messages. The result is a cubin if this NVRTC knows the capability or an earlier minor version of the same major;
// PTX, which the driver compiles, if it knows only earlier majors; and an error that says what to install if it knows
// only later ones. Options are NVRTC's own.
func (l *Library) Compile(name, source string, arch int, options ...string) (*Image, error) {
	target, err := l.target(arch)
	if err != nil {
		return nil, err
	}
	im := &Image{Arch: target, PTX: target/10 != arch/10}
	kind := "sm"
	if im.PTX {
		kind = "compute"
	}
	// CUDA 11's default is C++98.
	options = append([]string{fmt.Sprintf("--gpu-architecture=%s_%d", kind, target), "--std=c++17"}, options...)

	csource, cname := C.CString(source), C.CString(name)
	defer C.free(unsafe.Pointer(csource))
	defer C.free(unsafe.Pointer(cname))
	var program unsafe.Pointer
	if err := l.check(fnCreate, C.create(l.fn[fnCreate], &program, csource, cname)); err != nil {
		return nil, err
	}
	defer C.destroy(l.fn[fnDestroy], &program)
	err = l.check(fnCompile, l.compile(program, options))
	if log, e := l.read(program, fnLogSize, fnLog); e == nil {
		im.Log = strings.TrimSpace(strings.TrimRight(string(log), "\x00"))
	}
	if err != nil {
		err.(*Error).Log = im.Log
		return nil, err
	}
	if im.PTX {
		im.Code, err = l.read(program, fnPTXSize, fnPTX)
	} else {
		im.Code, err = l.read(program, fnCubinSize, fnCubin)
	}
	return im, err
}

// embedded are the capabilities of systems on a chip. Their code runs on no other GPU.
var embedded = []int{53, 62, 72, 87, 101, 110}

// target is arch, or the highest capability below it that can be compiled for and whose code a GPU of arch can run.
func (l *Library) target(arch int) (int, error) {
	at, found := slices.BinarySearch(l.Arches, arch)
	if found {
		return arch, nil
	}
	for at > 0 && slices.Contains(embedded, l.Arches[at-1]) {
		at--
	}
	if at == 0 {
		return 0, fmt.Errorf("NVRTC %d.%d (%s) compiles for compute capability %s and later, the GPU has %s: install NVRTC of an earlier CUDA (12 for 7.0 and 7.2) and set STHENO_NVRTC to its file",
			l.Major, l.Minor, l.Path, Capability(l.Arches[0]), Capability(arch))
	}
	return l.Arches[at-1], nil
}

// Capability writes 90 as 9.0.
func Capability(arch int) string { return fmt.Sprintf("%d.%d", arch/10, arch%10) }

func (l *Library) compile(program unsafe.Pointer, options []string) C.int {
	list := C.calloc(C.size_t(len(options)), C.size_t(unsafe.Sizeof(uintptr(0))))
	defer C.free(list)
	words := unsafe.Slice((**C.char)(list), len(options))
	for i, o := range options {
		words[i] = C.CString(o)
		defer C.free(unsafe.Pointer(words[i]))
	}
	return C.compile(l.fn[fnCompile], program, C.int(len(options)), (**C.char)(list))
}

// read asks for a size and then for that many bytes.
func (l *Library) read(program unsafe.Pointer, size, text int) ([]byte, error) {
	var n C.size_t
	if err := l.check(size, C.size(l.fn[size], program, &n)); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, nil
	}
	to := make([]byte, n)
	err := l.check(text, C.text(l.fn[text], program, (*C.char)(unsafe.Pointer(&to[0]))))
	return to, err
}
