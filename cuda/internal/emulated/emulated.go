//go:build gpu

package emulated

/*
#include <stdlib.h>

// The functions are the emulator's, found at run time, so each is called through its address.
static void fail(void *f, const char *call, int nth, int code) { ((void (*)(const char *, int, int))f)(call, nth, code); }
static long calls(void *f, const char *call) { return ((long (*)(const char *))f)(call); }
static void live(void *f, long *n) {
	((void (*)(long *, long *, long *, long *, long *, long *, long *, long *))f)(n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7);
}
static void memory(void *f, unsigned long bytes) { ((void (*)(unsigned long))f)(bytes); }
static void device(void *f, int count, int capability, int version) { ((void (*)(int, int, int))f)(count, capability, version); }
static int fault(void *f, char *text, size_t size) { return ((int (*)(char *, size_t))f)(text, size); }
static void mode(void *f, int late, unsigned long order, int strict) { ((void (*)(int, unsigned long, int))f)(late, order, strict); }
static void lose(void *f, int code) { ((void (*)(int))f)(code); }
static void reset(void *f) { ((void (*)(void))f)(); }
*/
import "C"

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/stheno-ml/stheno/cuda/internal/dynlib"
)

// The functions, by their place in Driver.fn.
const (
	fnFail = iota
	fnCalls
	fnLive
	fnMemory
	fnDevice
	fnFault
	fnMode
	fnLose
	fnReset
)

var names = []string{
	fnFail:   "emuFail",
	fnCalls:  "emuCalls",
	fnLive:   "emuLive",
	fnMemory: "emuMemory",
	fnDevice: "emuDevice",
	fnFault:  "emuFault",
	fnMode:   "emuMode",
	fnLose:   "emuLose",
	fnReset:  "emuReset",
}

// Driver is the emulator that this process runs under.
type Driver struct{ fn []unsafe.Pointer }

// Open finds the emulator; it returns an error if the process has another driver.
func Open() (*Driver, error) {
	lib, err := dynlib.Open("libcuda.so.1")
	if err != nil {
		return nil, err
	}
	fn, err := lib.Symbols(names)
	if err != nil {
		lib.Close()
		return nil, err
	}
	return &Driver{fn}, nil
}

// Fail makes the nth call from now on of a function of the driver or of cuBLAS return an error and do nothing; with nth
// 0, every call. Code 0 undoes that.
func (d *Driver) Fail(call string, nth, code int) {
	s := C.CString(call)
	defer C.free(unsafe.Pointer(s))
	C.fail(d.fn[fnFail], s, C.int(nth), C.int(code))
}

// Calls is how often a function was called; "" counts all functions.
func (d *Driver) Calls(call string) int {
	s := C.CString(call)
	defer C.free(unsafe.Pointer(s))
	return int(C.calls(d.fn[fnCalls], s))
}

// Live counts what was created and not destroyed.
type Live struct {
	Allocations, Bytes, Pinned, Streams, Events, Modules, Graphs, Contexts int
}

// Live counts what is not destroyed yet, or was not when its context was destroyed.
func (d *Driver) Live() Live {
	var n [8]C.long
	C.live(d.fn[fnLive], &n[0])
	return Live{int(n[0]), int(n[1]), int(n[2]), int(n[3]), int(n[4]), int(n[5]), int(n[6]), int(n[7])}
}

// SetMemory sets how many bytes the GPU has.
func (d *Driver) SetMemory(bytes int) { C.memory(d.fn[fnMemory], C.ulong(bytes)) }

// SetDevice sets how many GPUs there are, their compute capability (90 for 9.0), and the driver's CUDA (12040 for
// 12.4); a negative number changes nothing.
func (d *Driver) SetDevice(count, capability, version int) {
	C.device(d.fn[fnDevice], C.int(count), C.int(capability), C.int(version))
}

// Fault is the last fault of a kernel, "" if there was none.
func (d *Driver) Fault() string {
	const size = 4096
	text := (*C.char)(C.calloc(1, size))
	defer C.free(unsafe.Pointer(text))
	C.fault(d.fn[fnFault], text, size)
	return C.GoString(text)
}

// SetMode sets whether streams run as late as they may, the order of threads and of a graph's nodes (0 forward, 1
// backward, others shuffled), and whether kernels loaded from now on are checked.
func (d *Driver) SetMode(late bool, order int, strict bool) {
	number := map[bool]C.int{true: 1}
	C.mode(d.fn[fnMode], number[late], C.ulong(order), number[strict])
}

// Lose makes every call fail with a code, until the GPU's context is closed.
func (d *Driver) Lose(code int) { C.lose(d.fn[fnLose], C.int(code)) }

// Reset destroys everything live and clears failures set by Fail, counts and faults.
func (d *Driver) Reset() { C.reset(d.fn[fnReset]) }

// Frees reports whether a function of the driver frees something, which stays allocated if the function fails. Without
// a current context nothing can be freed either.
func Frees(call string) bool {
	return slices.ContainsFunc([]string{"Destroy", "Free", "Unload", "Release", "EndCapture", "SetCurrent"}, func(word string) bool {
		return strings.Contains(call, word)
	})
}
