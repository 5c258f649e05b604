package available

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// ofSystem returns the most bytes that the system lets the process use. heap is the size
// of the heap, and root has the system's files. A file that is missing or has an
// unexpected format sets no limit.
func ofSystem(root fs.FS, heap int64) int64 {
	info := numbers(root, "proc/meminfo", 1<<10)
	free, known := info["MemAvailable:"]
	if !known {
		free = math.MaxInt64
	}
	swap := info["SwapFree:"]
	size, resident := used(root)
	if known {
		free += swap + resident
	}
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) < 3:
		case parts[1] == "":
			free = min(free, group(root, "sys/fs/cgroup", parts[2], "memory.max", "memory.current", swap+resident))
		case strings.Contains(parts[1], "memory"):
			free = min(free, group(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes", "memory.usage_in_bytes", swap+resident))
		}
	}
	return min(free, addressSpace(size-heap))
}

// group returns the memory that a control group and its ancestors leave, plus extra. The
// group's file cache counts as free, because the system can evict it.
func group(root fs.FS, mount, at, limit, usage string, extra int64) int64 {
	least := int64(math.MaxInt64)
	for dir := path.Join(mount, at); len(dir) >= len(mount); dir = path.Dir(dir) {
		most, err := number(root, path.Join(dir, limit))
		now, err2 := number(root, path.Join(dir, usage))
		if err != nil || err2 != nil {
			continue // no limit ("max"), or no such file
		}
		stat := numbers(root, path.Join(dir, "memory.stat"), 1)
		more := stat["inactive_file"] + stat["active_file"] + stat["slab_reclaimable"] + extra
		if left := max(0, most-now); left < math.MaxInt64-more { // else the limit is what version 1 reports for no limit
			least = min(least, left+more)
		}
	}
	return least
}

// addressSpace returns the address space that ulimit -v leaves after used bytes.
func addressSpace(used int64) int64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return math.MaxInt64
	}
	return max(0, int64(limit.Cur)-max(0, used))
}

// used returns the bytes of the process's address space and of its resident memory.
func used(root fs.FS) (size, resident int64) {
	text, _ := fs.ReadFile(root, "proc/self/statm")
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, 0
	}
	page := int64(os.Getpagesize())
	size, _ = strconv.ParseInt(fields[0], 10, 64)
	resident, _ = strconv.ParseInt(fields[1], 10, 64)
	return size * page, resident * page
}

// number reads a file with one number.
func number(root fs.FS, name string) (int64, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
}

// numbers reads a file whose lines are a word and a number.
func numbers(root fs.FS, name string, unit int64) map[string]int64 {
	text, _ := fs.ReadFile(root, name)
	out := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) >= 2 {
			if n, err := strconv.ParseInt(words[1], 10, 64); err == nil {
				out[words[0]] = n * unit
			}
		}
	}
	return out
}
