package available

import (
	"math"
	"os"
	"runtime/debug"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsLimitedByTheSystemAndControlGroups(t *testing.T) {
	const info = "MemTotal: 2000 kB\nMemAvailable: 1000 kB\nSwapFree: 24 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing is known":      {nil, math.MaxInt64},
		"no groups":             {map[string]string{"proc/meminfo": info}, 1 << 20},
		"memory of the process": {map[string]string{"proc/meminfo": info, "proc/self/statm": "300 2 0"}, 1<<20 + 2*int64(os.Getpagesize())},
		"a group without a limit": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "5\n",
		}, 1 << 20},
		"a group": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max": "500000\n", "sys/fs/cgroup/a/memory.current": "400000\n", "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 1000\nactive_file 200\nslab_reclaimable 30\n",
			"sys/fs/cgroup/a/b/memory.max": "900000\n", "sys/fs/cgroup/a/b/memory.current": "1\n",
		}, 101230 + 24<<10},
		"a group that is full": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "5\n", "sys/fs/cgroup/memory.current": "7\n",
		}, 24 << 10},
		"a group of the first version": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "5:cpu:/\n4:memory:/docker/x\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "300000\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "100000\n",
		}, 200000 + 24<<10},
		"a group of the first version without a limit": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "4:memory:/a\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/a/memory.usage_in_bytes": "4096\n",
			"sys/fs/cgroup/memory/a/memory.stat": "inactive_file 4000\nactive_file 5000\n",
		}, 1 << 20},
	} {
		root := fstest.MapFS{}
		for file, text := range c.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		require.Equal(t, c.want, ofSystem(root, 0), name)
	}
}

func TestMemoryIsAtMostGOMEMLIMIT(t *testing.T) {
	require.Positive(t, Memory())
	const limit = 1 << 30
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit))
	require.LessOrEqual(t, Memory(), int64(limit))
}
