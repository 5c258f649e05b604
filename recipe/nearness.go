package recipe

import (
	"slices"

	"github.com/stheno-ml/stheno/metrics"
)

// Nearness says how near a picture is to another.
type Nearness struct {
	PSNR float64 `json:"psnr"` // the peak signal-to-noise ratio in dB, at most 99
	SSIM float64 `json:"ssim"` // the structural similarity, 1 if they are equal
}

// nearness compares pictures [C,height,width] with values in [0,1].
func nearness(x, want []float32, height, width int) (*Nearness, error) {
	a, b := inUnit(x), inUnit(want)
	similar, err := metrics.SSIM(a, b, height, width)
	if err != nil {
		return nil, err
	}
	return &Nearness{min(99, metrics.PSNR(a, b)), similar}, nil
}

// inUnit are values in float64, those outside [0,1] as a picture file has them.
func inUnit(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = min(1, max(0, float64(v)))
	}
	return out
}

// Means are the means over pictures, as they were, as they are, and by the median filter.
func Means(done []Cleaned) (before, after, median Nearness) {
	n := float64(len(done))
	for _, c := range done {
		for _, m := range []struct {
			to *Nearness
			of *Nearness
		}{{&before, c.Before}, {&after, c.After}, {&median, c.Median}} {
			if m.of != nil {
				m.to.PSNR, m.to.SSIM = m.to.PSNR+m.of.PSNR/n, m.to.SSIM+m.of.SSIM/n
			}
		}
	}
	return before, after, median
}

// median is each channel of a picture with each pixel replaced by the median of its
// neighbourhood of 3 by 3 pixels; those beyond the edge are those of the edge.
func median(x []float32, height, width int) []float32 {
	out := make([]float32, len(x))
	for from := 0; from < len(x); from += height * width {
		channel := x[from : from+height*width]
		for i := range height {
			for j := range width {
				var near [9]float32
				for k := range near {
					row, column := min(height-1, max(0, i+k/3-1)), min(width-1, max(0, j+k%3-1))
					near[k] = channel[row*width+column]
				}
				slices.Sort(near[:])
				out[from+i*width+j] = near[4]
			}
		}
	}
	return out
}
