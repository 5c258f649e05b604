// Temporary files that a killed process left behind.

package data

import (
	"os"
	"path/filepath"
	"time"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// removeStale removes temporary files that a killed process left behind at
// least a day ago.
func removeStale(dir string) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+atomicfile.Part))
	if err != nil {
		return
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(name)
		}
	}
}
