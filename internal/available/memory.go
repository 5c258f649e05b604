// Package available reports how much memory the process can use. With it, an array that
// does not fit is an error instead of a crash.
package available

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// Memory returns the most bytes that the process can use, including those that it uses
// already. On Linux this is the available memory that the system reports, including
// swap, limited by control groups and by the address space. GOMEMLIMIT limits it on all
// systems. It is math.MaxInt64 if no limit is known.
func Memory() int64 {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return min(ofSystem(os.DirFS("/"), int64(mem.HeapSys)), debug.SetMemoryLimit(-1))
}

// minChecked is the least number of bytes that Lacking checks.
const minChecked = 64 << 20

// Lacking reports whether the process certainly cannot use that many bytes, and how many
// it can use.
func Lacking(bytes int64) (available int64, lacking bool) {
	if bytes < minChecked {
		return math.MaxInt64, false
	}
	available = Memory()
	return available, bytes > available
}

// Text formats a number of bytes with a unit.
func Text(bytes int64) string {
	unit, i := float64(bytes), 0
	for unit >= 1024 && i < 4 {
		unit, i = unit/1024, i+1
	}
	return fmt.Sprintf("%.4g %s", unit, [...]string{"bytes", "KiB", "MiB", "GiB", "TiB"}[i])
}
