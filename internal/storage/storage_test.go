package storage

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// fake is a device with one number.
type fake struct {
	value   float32
	lost    error
	fetches int
}

func (d *fake) Fetch(dst *tensor.Dense) error {
	d.fetches++
	if d.lost == nil {
		dst.Float32s()[0] = d.value
	}
	return d.lost
}

func one() *Array {
	a := &Array{}
	a.Init("w", tensor.New(tensor.WithBacking([]float32{0})))
	return a
}

func TestAChangeOnTheDeviceIsFetchedOnce(t *testing.T) {
	a, d := one(), &fake{value: 3}
	require.NoError(t, a.Attach(d))
	before := a.Version()
	a.MarkDeviceChanged()
	require.Greater(t, a.Version(), before)
	require.Equal(t, []float32{0}, a.Host().Float32s())
	require.Equal(t, []float32{3}, a.Value().Float32s())
	require.Equal(t, []float32{3}, a.Value().Float32s())
	require.NoError(t, a.Sync())
	require.Equal(t, 1, d.fetches)
	a.Host().Float32s()[0] = 5
	a.MarkHostChanged()
	require.Equal(t, []float32{5}, a.Value().Float32s())
	a.MarkDeviceChanged()
	require.NoError(t, a.Attach(nil), "Attach fetches from the previous device")
	require.Equal(t, []float32{3}, a.Value().Float32s())
	require.Equal(t, 2, d.fetches)
}

func TestSyncReturnsTheErrorOfALostDevice(t *testing.T) {
	a, lost := one(), errors.New("the device is lost")
	require.NoError(t, a.Attach(&fake{lost: lost}))
	a.MarkDeviceChanged()
	require.Equal(t, []float32{0}, a.Value().Float32s(), "unchanged")
	err := a.Sync()
	require.ErrorIs(t, err, lost)
	require.ErrorContains(t, err, `"w"`)
	require.ErrorIs(t, a.Attach(nil), lost)
}
