// Features in superposition: generated samples that are sparse sums of known directions.

package data

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
)

// Superposition describes generated samples that are sums of a few out of many directions, more than the space has
// dimensions: the usual test of a sparse autoencoder, which is to find the directions (Elhage et al. 2022; Sharkey et
// al. 2022). The zero value is 256 directions in 64 dimensions, of which 8 are active on average.
type Superposition struct {
	// Features is the number of directions; 0 means 256.
	Features int
	// Dims is the number of values of a sample; 0 means 64.
	Dims int
	// Active is the mean number of directions in a sample, at most Features; 0 means 8, or Features if it is less.
	Active float64
	// Seed determines the directions and the samples.
	Seed uint64
}

func (s Superposition) withDefaults() Superposition {
	s.Features = cmp.Or(s.Features, 256)
	s.Dims = cmp.Or(s.Dims, 64)
	s.Active = cmp.Or(s.Active, min(8, float64(s.Features)))
	return s
}

// Directions returns the directions [Features][Dims], drawn uniformly from the unit sphere.
func (s Superposition) Directions() ([][]float64, error) {
	s = s.withDefaults()
	if err := s.check(); err != nil {
		return nil, err
	}
	rows := make([][]float64, s.Features)
	key := keyOf(s.Seed, 0)
	r := rand.New(rand.NewPCG(key, mix(key+golden)))
	for i := range rows {
		row, sum := make([]float64, s.Dims), 0.0
		for j := range row {
			row[j] = r.NormFloat64()
			sum += row[j] * row[j]
		}
		for j := range row {
			row[j] /= math.Sqrt(sum)
		}
		rows[i] = row
	}
	return rows, nil
}

// Samples returns n samples with the fields "x" [Dims] and "features" [Features]. Each direction is active in a sample
// with probability Active/Features, independently, with a magnitude |m|, m of mean 0 and variance 1; "features" has the
// magnitudes, 0 where a direction is not active, and x is the sum of the directions by them. Sample i depends only on
// the seed and on i, so n may be any number, and Subset makes sets of different samples of the same directions. Samples
// are drawn when they are read.
func (s Superposition) Samples(n int) (Set, error) {
	s = s.withDefaults()
	directions, err := s.Directions()
	if err != nil {
		return nil, err
	}
	l, err := newLayout([]Field{{Name: "x", Shape: []int{s.Dims}}, {Name: "features", Shape: []int{s.Features}}})
	if err != nil {
		return nil, fmt.Errorf("superposition: %w", err)
	}
	return &superposed{layout: l, directions: directions, p: s.Active / float64(s.Features), key: keyOf(s.Seed, 1), n: max(n, 0)}, nil
}

func (s Superposition) check() error {
	switch {
	case s.Features < 1 || s.Dims < 1 || s.Features > maxVolume/s.Dims:
		return fmt.Errorf("superposition: %d features in %d dimensions: want at least 1 of each, and at most %d values", s.Features, s.Dims, maxVolume)
	case !(s.Active > 0) || s.Active > float64(s.Features):
		return fmt.Errorf("superposition: %g active features of %d: want a number above 0, and no more than there are", s.Active, s.Features)
	}
	return nil
}

type superposed struct {
	*layout
	directions [][]float64
	p          float64 // of a direction to be active
	key        uint64
	n          int
}

func (s *superposed) Len() int { return s.n }

func (s *superposed) Read(i int, to [][]float32) error {
	if err := s.check("superposition", i, s.n, to); err != nil {
		return err
	}
	g := splitMix(mix(s.key + uint64(i)))
	r := rand.New(&g)
	x, magnitudes := to[0], to[1]
	clear(x)
	for k, direction := range s.directions {
		if magnitudes[k] = 0; g.unit() >= s.p {
			continue
		}
		m := math.Abs(r.NormFloat64())
		magnitudes[k] = float32(m)
		for j, v := range direction {
			x[j] += float32(m * v)
		}
	}
	return nil
}
