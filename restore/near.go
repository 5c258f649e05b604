// How near a result is to the original.

package restore

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/metrics"
)

// Nearness says how near a picture is to another.
type Nearness struct {
	MSE  float64 `json:"mse"`  // the mean squared error
	PSNR float64 `json:"psnr"` // the peak signal-to-noise ratio in dB, at most 99
	SSIM float64 `json:"ssim"` // the structural similarity, 1 if they are equal
}

// most is the most dB that a ratio has: that of equal values is infinite.
const most = 99

// Near compares pictures [C,H,W]. Values outside [0,1] count as a file has them: clipped.
func Near(x, want []float32, shape []int) (Nearness, error) {
	if _, _, _, err := shapeOf(shape, x); err != nil {
		return Nearness{}, err
	}
	if len(x) != len(want) {
		return Nearness{}, fmt.Errorf("restore: a picture of %d values is compared with one of %d", len(x), len(want))
	}
	a, b := inUnit(x), inUnit(want)
	similar, err := metrics.SSIM(a, b, shape[1], shape[2])
	if err != nil {
		return Nearness{}, fmt.Errorf("restore: %w", err)
	}
	psnr := metrics.PSNR(a, b)
	return Nearness{math.Pow(10, -psnr/10), min(most, psnr), similar}, nil
}

// NearIn compares the hidden pixels of pictures [C,H,W], those whose mask is 0. SSIM is that
// of the smallest rectangle around them.
func NearIn(x, want, mask []float32, shape []int) (Nearness, error) {
	channels, height, width, err := shapeOf(shape, x)
	if err != nil {
		return Nearness{}, err
	}
	if len(want) != len(x) || len(mask) != len(x) {
		return Nearness{}, fmt.Errorf("restore: a picture of %d values is compared with one of %d in a mask of %d", len(x), len(want), len(mask))
	}
	a, b := inUnit(x), inUnit(want)
	top, left, bottom, right := height, width, 0, 0
	sum, n := 0.0, 0.0
	for k, m := range mask {
		if m != 0 {
			continue
		}
		i, j := k/width%height, k%width
		top, left, bottom, right = min(top, i), min(left, j), max(bottom, i+1), max(right, j+1)
		sum, n = sum+(a[k]-b[k])*(a[k]-b[k]), n+1
	}
	if n == 0 {
		return Nearness{}, fmt.Errorf("restore: no pixel is hidden: there is nothing to compare")
	}
	crop := func(x []float64) (out []float64) {
		for c := range channels {
			for i := top; i < bottom; i++ {
				out = append(out, x[(c*height+i)*width+left:(c*height+i)*width+right]...)
			}
		}
		return out
	}
	similar, err := metrics.SSIM(crop(a), crop(b), bottom-top, right-left)
	if err != nil {
		return Nearness{}, fmt.Errorf("restore: %w", err)
	}
	return Nearness{sum / n, min(most, -10*math.Log10(sum/n)), similar}, nil
}

// SNR is the signal-to-noise ratio of a sound in dB to the one wanted, at most 99:
//
//	10 log10( sum of want² / sum of (x - want)² )
func SNR(x, want []float32) (float64, error) {
	if len(x) == 0 || len(x) != len(want) {
		return 0, fmt.Errorf("restore: a sound of %d values is compared with one of %d", len(x), len(want))
	}
	signal, noise := 0.0, 0.0
	for i, w := range want {
		d := float64(x[i]) - float64(w)
		signal, noise = signal+float64(w)*float64(w), noise+d*d
	}
	if signal == 0 {
		return 0, fmt.Errorf("restore: the sound to compare with is silent")
	}
	return min(most, 10*math.Log10(signal/noise)), nil
}

// inUnit are values as a picture file has them.
func inUnit(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = min(1, max(0, float64(v)))
	}
	return out
}
