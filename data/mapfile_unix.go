//go:build unix

// Files mapped into memory.

package data

import (
	"errors"
	"math"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// mapFile maps a file of size bytes for reading; nil if that is not possible.
func mapFile(f *os.File, size int64) []byte {
	if size == 0 || size > math.MaxInt {
		return nil
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return mapped
}

func unmapFile(mapped []byte) error {
	if mapped == nil {
		return nil
	}
	return unix.Munmap(mapped)
}

// faultless runs f, which reads mapped memory. Memory beyond the end of a file that has become shorter cannot be read,
// which would end the program, and is an error here.
func faultless(f func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the file cannot be read there: has it become shorter, or is the disk damaged?")
		}
	}()
	f()
	return nil
}
