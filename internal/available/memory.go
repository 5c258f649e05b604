// Package available says how much memory the process can have, so that what
// cannot fit is an error rather than the end of the program.
package available

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// Memory returns the most bytes that the process can hold, including what it
// already holds. On Linux that is what the system says is available, swap
// included, limited by the control groups and the address space; everywhere it
// is limited by GOMEMLIMIT. It is math.MaxInt64 if none of this is known.
func Memory() int64 {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return min(ofSystem(os.DirFS("/"), int64(mem.HeapSys)), debug.SetMemoryLimit(-1))
}

// worthAsking is the number of bytes from which the system is asked whether it
// has them.
const worthAsking = 64 << 20

// Lacking reports whether the process certainly cannot hold that many bytes,
// and how many it can hold.
func Lacking(bytes int64) (available int64, lacking bool) {
	if bytes < worthAsking {
		return math.MaxInt64, false
	}
	available = Memory()
	return available, bytes > available
}

// Text formats a number of bytes for people.
func Text(bytes int64) string {
	unit, i := float64(bytes), 0
	for unit >= 1024 && i < 4 {
		unit, i = unit/1024, i+1
	}
	return fmt.Sprintf("%.4g %s", unit, [...]string{"bytes", "KiB", "MiB", "GiB", "TiB"}[i])
}
