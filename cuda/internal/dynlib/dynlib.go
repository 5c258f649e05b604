//go:build gpu

package dynlib

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

// open_library opens a file; on failure, message has the loader's words. A library stays in memory after it is closed,
// because it starts threads and registers code; opening it again costs nothing.
static void *open_library(const char *file, char *message, size_t n) {
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle) snprintf(message, n, "%s", dlerror());
	return handle;
}

static const char *library_path(void *handle) {
	struct link_map *map = 0;
	return dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map ? map->l_name : "";
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Library is an open library. Close it after the last call of its functions.
type Library struct {
	Path   string // the file that the loader opened
	handle unsafe.Pointer
}

// Open opens a library: a path, or a file name that the loader looks for in its own folders.
func Open(file string) (*Library, error) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	const size = 1024
	message := (*C.char)(C.calloc(1, size))
	defer C.free(unsafe.Pointer(message))
	handle := C.open_library(name, message, size)
	if handle == nil {
		return nil, fmt.Errorf("%s", C.GoString(message))
	}
	return &Library{Path: C.GoString(C.library_path(handle)), handle: handle}, nil
}

// Symbols returns the addresses of functions, in the order of their names.
func (l *Library) Symbols(names []string) ([]unsafe.Pointer, error) {
	found := make([]unsafe.Pointer, len(names))
	for i, name := range names {
		s := C.CString(name)
		found[i] = C.dlsym(l.handle, s)
		C.free(unsafe.Pointer(s))
		if found[i] == nil {
			return nil, fmt.Errorf("%s has no function %s: it is too old, or another library", l.Path, name)
		}
	}
	return found, nil
}

// Close closes the library; its functions must not be called after that.
func (l *Library) Close() {
	if l.handle != nil {
		C.dlclose(l.handle)
		l.handle = nil
	}
}
