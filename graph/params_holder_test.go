package graph_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// device holds a value of every parameter.
type device struct {
	value   float32
	lost    error
	fetches int
}

func (d *device) Fetch(_ *graph.Param, dst *tensor.Dense) error {
	d.fetches++
	if d.lost == nil {
		dst.Data().([]float32)[0] = d.value
	}
	return d.lost
}

func oneParam(t *testing.T) (*graph.Params, *graph.Param) {
	params := graph.NewParams(graph.Float32, 1)
	b := graph.New(params, graph.Config{})
	b.Param("w", nil, 1)
	require.NoError(t, b.Err())
	return params, params.Get("w")
}

func TestAValueThatADeviceChangedIsFetchedOnce(t *testing.T) {
	params, w := oneParam(t)
	d := &device{value: 3}
	require.NoError(t, w.Attach(d))
	before := w.Version()
	w.Moved()
	require.Greater(t, w.Version(), before)
	require.Equal(t, []float64{3}, w.Floats())
	require.Equal(t, []float64{3}, w.Floats())
	require.NoError(t, params.Sync())
	require.Equal(t, 1, d.fetches)
	require.NoError(t, w.SetFloats([]float64{5})) // the storage is newer again
	require.Equal(t, []float64{5}, w.Floats())
	w.Moved()
	require.NoError(t, w.Attach(nil)) // fetches what the device has
	require.Equal(t, []float64{3}, w.Floats())
	require.Equal(t, 2, d.fetches)
}

func TestADeviceThatIsLostIsAnErrorOfSync(t *testing.T) {
	params, w := oneParam(t)
	lost := errors.New("the device is lost")
	require.NoError(t, w.Attach(&device{lost: lost}))
	w.Moved()
	require.Equal(t, []float64{0}, w.Floats()) // as it was
	err := params.Sync()
	require.ErrorIs(t, err, lost)
	require.ErrorContains(t, err, `"w"`)
	require.ErrorIs(t, w.Attach(nil), lost)
}
