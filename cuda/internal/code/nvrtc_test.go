//go:build gpu

package code

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cuda/internal/nvrtc"
)

// compile compiles a source with the NVRTC that $STHENO_NVRTC names, for the
// earliest GPU that it knows.
func compile(t testing.TB, source string) {
	if os.Getenv("STHENO_NVRTC") == "" {
		t.Log("STHENO_NVRTC does not name an NVRTC: the source is not compiled; scripts/cuda-env names it")
		return
	}
	l, err := nvrtc.Open("", nil)
	require.NoError(t, err)
	defer l.Close()
	_, err = l.Compile("test.cu", source, l.Arches[0])
	require.NoError(t, err, source)
}
