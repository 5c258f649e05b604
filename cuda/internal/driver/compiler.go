//go:build gpu

package driver

import (
	"fmt"

	"github.com/stheno-ml/stheno/cuda/internal/nvrtc"
)

// OpenCompiler opens an NVRTC whose code this driver can load: one of the driver's CUDA version or an earlier one. If
// file is "", it opens the file that $STHENO_NVRTC names, or the newest found.
func OpenCompiler(file string) (*nvrtc.Library, error) {
	major := Version() / 1000
	lib, err := nvrtc.Open(file, upTo(major, nvrtc.Versions))
	if err != nil {
		return nil, err
	}
	if lib.Major > major {
		defer lib.Close()
		return nil, fmt.Errorf("NVRTC %d.%d (%s) is too new for the driver, which supports CUDA %s: update the driver, or install NVRTC of CUDA %d and set STHENO_NVRTC to its file",
			lib.Major, lib.Minor, lib.Path, version(Version()), major)
	}
	return lib, nil
}

// upTo returns the versions, such as "12" or "11.2", up to a major version.
func upTo(major int, versions []string) []string {
	var kept []string
	for _, v := range versions {
		var m int
		if fmt.Sscanf(v, "%d", &m); m <= major {
			kept = append(kept, v)
		}
	}
	return kept
}
