// The Wiener filter of sounds.

package restore

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Wiener returns a sound with each of its frequencies weakened by how much of it is noise:
// in windows of so many steps, which overlap by half, a coefficient X becomes
//
//	X · max(1 - N/|X|², 0.01)
//
// The power of the noise N is taken as white and constant. It is estimated from the median
// of |X|², which is N·log 2 where most coefficients are noise.
func Wiener(x []float32, window int) ([]float32, error) {
	if window < 4 || len(x) == 0 {
		return nil, fmt.Errorf("restore: a Wiener filter of %d steps of a sound of %d: want a window of at least 4, and a sound", window, len(x))
	}
	const least = .01
	fft, bell, hop := fourier.NewFFT(window), make([]float64, window), window/2
	for i := range bell {
		bell[i] = math.Sin(math.Pi * (float64(i) + .5) / float64(window)) // squared, they add up to 1
	}
	var spectra [][]complex128
	var powers []float64
	piece := make([]float64, window)
	for from := -hop; from < len(x); from += hop {
		for i := range piece {
			piece[i] = 0
			if at := from + i; at >= 0 && at < len(x) {
				piece[i] = float64(x[at]) * bell[i]
			}
		}
		s := fft.Coefficients(nil, piece)
		spectra = append(spectra, s)
		for _, c := range s {
			powers = append(powers, real(c)*real(c)+imag(c)*imag(c))
		}
	}
	slices.Sort(powers)
	noise := powers[len(powers)/2] / math.Ln2
	sum := make([]float64, len(x))
	for k, s := range spectra {
		for i, c := range s {
			if power := real(c)*real(c) + imag(c)*imag(c); power > 0 {
				s[i] *= complex(max(1-noise/power, least), 0)
			}
		}
		fft.Sequence(piece, s)
		for i, v := range piece {
			if at := (k-1)*hop + i; at >= 0 && at < len(x) {
				sum[at] += v * bell[i] / float64(window)
			}
		}
	}
	out := make([]float32, len(x))
	for i, v := range sum {
		out[i] = float32(v)
	}
	return out, nil
}
