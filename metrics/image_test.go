package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

func TestPSNRIsOfTheMeanSquaredError(t *testing.T) {
	require.InDelta(t, 20, metrics.PSNR([]float64{0.1, 0.4}, []float64{0, 0.5}), 1e-12)
	require.True(t, math.IsInf(metrics.PSNR([]float64{1}, []float64{1}), 1))
}

// Of constant images only the means count, and of images that differ by noise it falls.
func TestSSIMIsThatOfItsDefinition(t *testing.T) {
	const h, w = 16, 20
	r := rand.New(rand.NewPCG(1, 2))
	image, one, two := make([]float64, h*w), make([]float64, h*w), make([]float64, h*w)
	for i := range image {
		image[i], one[i], two[i] = r.Float64(), 0.25, 0.75
	}
	same, err := metrics.SSIM(image, image, h, w)
	require.NoError(t, err)
	require.InDelta(t, 1, same, 1e-12)
	const c1 = 1e-4
	s, err := metrics.SSIM(one, two, h, w)
	require.NoError(t, err)
	require.InDelta(t, (2*0.25*0.75+c1)/(0.25*0.25+0.75*0.75+c1), s, 1e-9)
	last := 1.0
	for _, noise := range []float64{0.05, 0.2, 0.5} {
		other := make([]float64, h*w)
		for i, v := range image {
			other[i] = v + noise*r.NormFloat64()
		}
		s, err := metrics.SSIM(other, image, h, w)
		require.NoError(t, err)
		require.Less(t, s, last)
		last = s
	}
	small, err := metrics.SSIM([]float64{0, 1, 0.5, 0.25}, []float64{0, 1, 0.5, 0.25}, 2, 2) // smaller than the window
	require.NoError(t, err)
	require.InDelta(t, 1, small, 1e-12)
	for _, size := range [][2]int{{0, 4}, {3, 3}, {4, 5}} {
		_, err := metrics.SSIM(make([]float64, 16), make([]float64, 16), size[0], size[1])
		require.ErrorContains(t, err, "want images of")
	}
}
