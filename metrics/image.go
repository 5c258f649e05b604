// How near images are to each other.

package metrics

import (
	"fmt"
	"math"
)

// PSNR is the peak signal-to-noise ratio in dB of values to those wanted, all in [0,1]:
// -10 log10 of the mean squared error. It is +Inf if they are equal.
func PSNR(x, want []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += (v - want[i]) * (v - want[i])
	}
	return -10 * math.Log10(sum/float64(len(x)))
}

// SSIM is the structural similarity (Wang et al. 2004) of an image [C,height,width] to the
// one wanted, both in [0,1]: 1 if they are equal, and the mean over the channels and over
// all places of the window, which is a Gaussian of standard deviation 1.5 and 11 by 11
// pixels, or of the greatest odd size that the image has.
func SSIM(x, want []float64, height, width int) (float64, error) {
	if height < 1 || width < 1 || len(x) == 0 || len(x) != len(want) || len(x)%(height*width) != 0 {
		return 0, fmt.Errorf("metrics: SSIM of %d and %d values: want images of %d by %d", len(x), len(want), height, width)
	}
	side := min(11, height, width)
	side -= 1 - side%2
	w := gaussianWindow(side)
	const c1, c2 = 0.01 * 0.01, 0.03 * 0.03
	sum, n := 0.0, 0.0
	for from := 0; from < len(x); from += height * width {
		a, b := x[from:from+height*width], want[from:from+height*width]
		for i := 0; i+side <= height; i++ {
			for j := 0; j+side <= width; j++ {
				var ma, mb, aa, bb, ab float64
				for p := range side {
					for q := range side {
						k, at := w[p]*w[q], (i+p)*width+j+q
						u, v := a[at], b[at]
						ma, mb = ma+k*u, mb+k*v
						aa, bb, ab = aa+k*u*u, bb+k*v*v, ab+k*u*v
					}
				}
				va, vb, cov := aa-ma*ma, bb-mb*mb, ab-ma*mb
				sum += (2*ma*mb + c1) * (2*cov + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
				n++
			}
		}
	}
	return sum / n, nil
}

// gaussianWindow is a Gaussian of standard deviation 1.5 at n places, which sum to 1.
func gaussianWindow(n int) []float64 {
	w, sum := make([]float64, n), 0.0
	for i := range w {
		d := float64(i-n/2) / 1.5
		w[i] = math.Exp(-d * d / 2)
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}
