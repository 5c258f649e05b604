package metrics

import (
	"fmt"
	"math"
)

// SparseCode adds up, sample by sample, how sparse and how exact a sparse autoencoder
// is. Its zero value is ready. Codes can be too many to hold, so samples are given one at
// a time.
type SparseCode struct {
	n, shrunk       int
	active          float64
	fires           []int
	mean            []float64 // of the samples
	squares         float64   // squared distances of the samples from their mean
	errors, lengths float64
}

// Add adds a sample x, its reconstruction, of the same size, and its code. All samples
// have the same sizes.
func (s *SparseCode) Add(x, recon, code []float64) error {
	if s.n == 0 {
		s.mean, s.fires = make([]float64, len(x)), make([]int, len(code))
	}
	if len(x) != len(s.mean) || len(recon) != len(x) || len(code) != len(s.fires) || len(x) == 0 || len(code) == 0 {
		return fmt.Errorf("metrics: sparse code: sample %d has %d values, reconstruction %d and code %d: want %d, %d and %d, at least 1",
			s.n, len(x), len(recon), len(code), len(s.mean), len(s.mean), len(s.fires))
	}
	s.n++
	for j, v := range x { // Welford's running mean
		d := v - s.mean[j]
		s.mean[j] += d / float64(s.n)
		s.squares += d * (v - s.mean[j])
		s.errors += (v - recon[j]) * (v - recon[j])
	}
	for i, v := range code {
		if v != 0 {
			s.active++
			s.fires[i]++
		}
	}
	if length := norm(x); length > 1e-6 {
		s.shrunk++
		s.lengths += norm(recon) / length
	}
	return nil
}

// FVU is the fraction of variance unexplained: the sum of squared errors over the sum of
// squared distances of the samples from their mean. 0 is exact, and 1 as good as the
// mean. It is NaN without samples or variance.
func (s *SparseCode) FVU() float64 {
	if !(s.squares > 0) {
		return math.NaN()
	}
	return s.errors / s.squares
}

// L0 is the mean number of elements of a code that are not 0; NaN without samples.
func (s *SparseCode) L0() float64 { return s.active / float64(s.n) }

// Dead is the share of units that were 0 in every sample; NaN without samples.
func (s *SparseCode) Dead() float64 {
	dead := 0.0
	for _, n := range s.fires {
		if n == 0 {
			dead++
		}
	}
	return dead / float64(len(s.fires))
}

// Shrinkage is the mean of |recon| / |x| over the samples that are not 0: below 1 if
// codes are too small, as a penalty makes them. It is NaN without such samples.
func (s *SparseCode) Shrinkage() float64 { return s.lengths / float64(s.shrunk) }
