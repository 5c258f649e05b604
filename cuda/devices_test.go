package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeaksAreThoseOfTheDataSheets(t *testing.T) {
	for name, c := range map[string]struct {
		major, minor, multiprocessors int
		clock                         float64
		teraflops                     float64
	}{
		"V100 SXM2":    {7, 0, 80, 1.530e9, 15.7},
		"T4":           {7, 5, 40, 1.590e9, 8.1},
		"A100 SXM":     {8, 0, 108, 1.410e9, 19.5},
		"RTX 3090":     {8, 6, 82, 1.695e9, 35.6},
		"RTX 4090":     {8, 9, 128, 2.520e9, 82.6},
		"H100 SXM":     {9, 0, 132, 1.980e9, 66.9},
		"not known":    {99, 0, 100, 1e9, 0},
		"clock unsaid": {9, 0, 132, 0, 0},
	} {
		require.InDelta(t, c.teraflops, peak(c.major, c.minor, c.multiprocessors, c.clock)/1e12, 0.1, name)
	}
}

func TestADeviceSaysWhatItIs(t *testing.T) {
	d := Device{Name: "NVIDIA H100 80GB HBM3", Major: 9, Multiprocessors: 132, Memory: 85 << 30, Driver: "12.4"}
	require.Equal(t, "NVIDIA H100 80GB HBM3 (compute capability 9.0, 132 multiprocessors, 85 GiB, driver for CUDA 12.4)", d.String())
	require.False(t, isEmulated(d.Name))
	require.True(t, isEmulated("Emulated GPU of sm_80"))
}
