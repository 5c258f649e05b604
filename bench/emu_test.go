//go:build gpu

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cuda"
)

// TestOnTheAvailableDevice compares the CUDA machine with the CPU's: as emu on the
// emulator, as cuda on a GPU.
func TestOnTheAvailableDevice(t *testing.T) {
	devices, err := cuda.Devices()
	require.NoError(t, err)
	d := devices[0]
	mine, other := onCUDA, onEmu
	if d.Emulated {
		mine, other = onEmu, onCUDA
	}
	r := benchOn(t, realGPUs(), "-compare", "-models", "dense", "-backends", "cpu,cuda,emu", "-batch", "4", "-steps", "2")
	runs := r.Results.Runs
	require.Len(t, runs, 3)
	for _, run := range runs[1:] {
		require.True(t, run.GPU)
		if run.Backend == other {
			require.Contains(t, run.Error, "use the backend "+mine)
			continue
		}
		require.Empty(t, run.Error)
		require.Equal(t, d.Name, run.Device)
		require.Equal(t, d.Emulated, run.Emulated)
		require.Less(t, known(t, run.LossDifference), 1e-5)
		require.Equal(t, 2+warmSteps, known(t, run.LossSteps))
		require.Positive(t, known(t, run.BytesPerStep))
		_, rated := run.SamplesPerSec.Get()
		require.Equal(t, !d.Emulated, rated, "an emulated device has no rate")
	}
	libraries, err := cuda.Libraries()
	require.NoError(t, err)
	require.Len(t, libraries, 2)
}
