//go:build gpu

package nvrtc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheKernelsOfAFolder compiles every source of the folder that
// $STHENO_KERNELS names, such as bench -kernels writes, for every requested
// architecture that this NVRTC knows.
func TestTheKernelsOfAFolder(t *testing.T) {
	folder := os.Getenv("STHENO_KERNELS")
	if folder == "" {
		t.Skip("STHENO_KERNELS names no folder of sources; go run ./bench -kernels DIR writes one")
	}
	l := open(t)
	files, err := filepath.Glob(filepath.Join(folder, "*.cu"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "%s holds no source", folder)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, arch := range []int{70, 75, 80, 90} {
			if arch < l.Arches[0] {
				t.Logf("%d.%d of NVRTC does not know sm_%d", l.Major, l.Minor, arch)
				continue
			}
			t.Run(fmt.Sprintf("%s/sm_%d", filepath.Base(file), arch), func(t *testing.T) {
				t.Parallel()
				im, err := l.Compile(filepath.Base(file), string(source), arch, "--ptxas-options=-v")
				require.NoError(t, err)
				require.NotEmpty(t, im.Code)
				t.Logf("%d bytes; with spilled registers: %v", len(im.Code), spilling(im.Log))
			})
		}
	}
}

// spilling lists the kernels that spill registers, according to ptxas.
func spilling(log string) []string {
	var names []string
	name := ""
	for line := range strings.Lines(log) {
		if _, after, ok := strings.Cut(line, "Function properties for "); ok {
			name = strings.TrimSpace(after)
		} else if strings.Contains(line, "bytes spill stores") && !strings.Contains(line, " 0 bytes spill stores") {
			names = append(names, name)
		}
	}
	return names
}
