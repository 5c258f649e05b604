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

// ofSystem returns the most bytes that the system lets the process hold, given
// the size of the heap. root holds the system's files. A file that is missing
// or not as expected sets no limit.
func ofSystem(root fs.FS, heap int64) int64 {
	info := numbers(root, "proc/meminfo", 1<<10)
	free, known := info["MemAvailable:"]
	if !known {
		free = math.MaxInt64
	}
	swap := info["SwapFree:"]
	size, resident := held(root)
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

// group returns what a control group and those above it leave, plus besides.
// The group's file cache counts as free, since it can be dropped.
func group(root fs.FS, mount, at, limit, used string, besides int64) int64 {
	least := int64(math.MaxInt64)
	for dir := path.Join(mount, at); len(dir) >= len(mount); dir = path.Dir(dir) {
		most, err := number(root, path.Join(dir, limit))
		now, err2 := number(root, path.Join(dir, used))
		if err != nil || err2 != nil {
			continue // no limit ("max"), or no such file
		}
		stat := numbers(root, path.Join(dir, "memory.stat"), 1)
		more := stat["inactive_file"] + stat["active_file"] + stat["slab_reclaimable"] + besides
		if left := max(0, most-now); left < math.MaxInt64-more { // else it is version 1's value for no limit
			least = min(least, left+more)
		}
	}
	return least
}

// addressSpace returns what ulimit -v leaves, plus besides.
func addressSpace(besides int64) int64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return math.MaxInt64
	}
	return max(0, int64(limit.Cur)-max(0, besides))
}

// held returns the bytes of the process's address space and of its resident
// memory.
func held(root fs.FS) (size, resident int64) {
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

// number reads a file that holds one number.
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
