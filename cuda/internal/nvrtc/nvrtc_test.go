//go:build gpu

package nvrtc

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

const kernel = `
extern "C" __global__ void __launch_bounds__(256) add(const float* __restrict__ a, const float* __restrict__ b, float* r) {
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < 1000) r[i] = a[i] + b[i];
}
`

// open opens the NVRTC that $STHENO_NVRTC names.
func open(t *testing.T) *Library {
	if os.Getenv("STHENO_NVRTC") == "" {
		t.Skip("STHENO_NVRTC does not name an NVRTC; scripts/cuda-env does")
	}
	l, err := Open("", nil)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	t.Logf("NVRTC %d.%d of %s, for %v", l.Major, l.Minor, l.Path, l.Arches)
	return l
}

func TestCompilesForEveryArchitecture(t *testing.T) {
	l := open(t)
	for _, arch := range []int{70, 75, 80, 90} {
		im, err := l.Compile("add.cu", kernel, arch)
		if arch < l.Arches[0] {
			require.ErrorContains(t, err, "install NVRTC of an earlier CUDA")
			continue
		}
		require.NoError(t, err)
		require.False(t, im.PTX)
		require.Equal(t, arch, im.Arch)
		require.NotEmpty(t, im.Code)
	}
}

func TestALaterGPUGetsPTX(t *testing.T) {
	l := open(t)
	last := l.Arches[len(l.Arches)-1]
	im, err := l.Compile("add.cu", kernel, last+10)
	require.NoError(t, err)
	require.True(t, im.PTX)
	require.Equal(t, last, im.Arch)
	require.Equal(t, byte(0), im.Code[len(im.Code)-1])
}

func TestALaterMinorCapabilityGetsACubin(t *testing.T) {
	l := open(t)
	l.Arches = []int{75, 80, 86, 87, 90}
	im, err := l.Compile("add.cu", kernel, 88)
	require.NoError(t, err)
	require.False(t, im.PTX)
	require.Equal(t, 86, im.Arch, "not 87, which is embedded")
}

func TestAnErrorHasTheCompilersWords(t *testing.T) {
	l := open(t)
	_, err := l.Compile("wrong.cu", "extern \"C\" __global__ void k(float* r) {\n\tr[0] = missing;\n}\n", 80)
	require.ErrorContains(t, err, "wrong.cu(2)")
	require.ErrorContains(t, err, "missing")
	_, err = l.Compile("add.cu", kernel, 80, "--no-such-option")
	require.Error(t, err)
}

func TestAnAbsentLibraryIsExplained(t *testing.T) {
	_, err := Open("/nowhere/libnvrtc.so", nil)
	require.ErrorContains(t, err, "/nowhere/libnvrtc.so")
	require.ErrorContains(t, err, "STHENO_NVRTC")
	t.Setenv("STHENO_NVRTC", t.TempDir())
	_, err = Open("", nil)
	require.ErrorContains(t, err, "libnvrtc.so.12")
}
