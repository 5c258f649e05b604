package recipe

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheMedianFilterRemovesSinglePixels(t *testing.T) {
	x := make([]float32, 2*5*4)
	x[1*4+2], x[20+0] = 1, 1 // one inside the first channel, one in a corner of the second
	require.Equal(t, make([]float32, 40), median(x, 5, 4))
	for i := range x[:20] {
		x[i] = 0.5
	}
	require.Equal(t, x[:20], median(x[:20], 5, 4))
}

func TestNearnessIsOfPicturesAsFilesHaveThem(t *testing.T) {
	x := make([]float32, 16*16)
	for i := range x {
		x[i] = float32(i%7) / 6
	}
	n, err := nearness(x, x, 16, 16)
	require.NoError(t, err)
	require.InDelta(t, 99, n.PSNR, 0)
	require.InDelta(t, 1, n.SSIM, 1e-9)
	x2 := append([]float32(nil), x...)
	for i := range x2 {
		if x2[i] == 1 {
			x2[i] = 3 // white is as white as it gets
		}
	}
	n, err = nearness(x2, x, 16, 16)
	require.NoError(t, err)
	require.InDelta(t, 99, n.PSNR, 0)
	before, after, _ := Means([]Cleaned{{Before: &Nearness{10, 0.2}, After: &Nearness{20, 0.4}}, {Before: &Nearness{12, 0.4}, After: &Nearness{22, 0.6}}})
	require.InDelta(t, 11, before.PSNR, 1e-12)
	require.InDelta(t, 0.5, after.SSIM, 1e-12)
}
