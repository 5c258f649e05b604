package npy_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/npy"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, c := range []struct {
		shape []int
		data  any
	}{
		{[]int{2, 3}, []float32{1, 2, 3, 4, 5, 6}},
		{nil, []float64{7}},
		{[]int{1}, []float64{7}},
	} {
		var b bytes.Buffer
		require.NoError(t, npy.Write(&b, c.shape, c.data))
		a, err := npy.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
		require.NoError(t, err)
		require.Equal(t, c.shape, a.Shape)
		require.Equal(t, c.data, a.Data)
		for n := range b.Bytes() {
			_, err := npy.Read(bytes.NewReader(b.Bytes()[:n]), int64(b.Len()))
			require.Error(t, err, "cut to %d bytes", n)
		}
		_, err = npy.Read(bytes.NewReader(append(b.Bytes(), 0)), 1<<20)
		require.ErrorContains(t, err, "or more")
		_, err = npy.Read(bytes.NewReader(b.Bytes()), int64(b.Len())-1)
		require.ErrorContains(t, err, "more than")
	}
}

func TestAnArrayWhoseFirstIndexRunsFastestIsReordered(t *testing.T) {
	var b bytes.Buffer
	b.Write(npy.Header{Descr: "|u1", Fortran: true, Shape: []int{2, 3}}.Start())
	b.Write([]byte{1, 4, 2, 5, 3, 6})
	a, err := npy.Read(&b, 1<<10)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2, 3, 4, 5, 6}, a.Data)
	require.True(t, a.Type.Integer)
}

func TestArraysOfOtherThingsAreErrors(t *testing.T) {
	for descr, want := range map[string]string{"<U3": "only booleans", "<c8": "only booleans", "": "only booleans"} {
		_, err := npy.Read(bytes.NewReader(npy.Header{Descr: descr, Shape: []int{1}}.Start()), 1<<10)
		require.ErrorIs(t, err, npy.ErrNotNumbers)
		require.ErrorContains(t, err, want)
	}
	_, err := npy.Read(bytes.NewReader([]byte("<html></html>")), 1<<10)
	require.ErrorAs(t, err, new(*npy.Foreign))
}
