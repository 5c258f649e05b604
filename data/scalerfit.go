// What a scaler takes from a set: means and deviations, ranges, quartiles.

package data

import (
	"fmt"
	"math"
	"slices"
)

// moments are the mean, the deviation and the range of some values.
type moments struct {
	n               int
	mean, sum       float64 // sum is of the squared differences from the mean
	least, greatest float64
}

func (m *moments) add(v float64) {
	if m.n == 0 {
		m.least, m.greatest = v, v
	}
	m.n++
	d := v - m.mean // Welford 1962
	m.mean += d / float64(m.n)
	m.sum += d * (v - m.mean)
	m.least, m.greatest = min(m.least, v), max(m.greatest, v)
}

// scale is the center and the width of values by the scaler's kind; a width of 0 is 1.
func (s *Scaler) scale(m *moments) (center, width float64) {
	if s.ranged() {
		center, width = m.least, (m.greatest-m.least)/(s.max-s.min)
	} else {
		center, width = m.mean, math.Sqrt(m.sum/float64(m.n))
	}
	return center, orOne(width)
}

func orOne(width float64) float64 {
	if width == 0 {
		return 1
	}
	return width
}

// fit returns the center and the width of each part over a set, nil for a kind of a sample. Every value is checked.
func (s *Scaler) fit(set Set) (center, width []float64, err error) {
	if s.kind == Robust {
		return s.fitQuartiles(set)
	}
	parts := make([]moments, s.parts())
	if err := s.eachValue(set, func(g int, v float64) { parts[g].add(v) }); err != nil || s.ofSample() {
		return nil, nil, err
	}
	for g := range parts {
		c, w := 0., 1.
		if s.kind != Log {
			c, w = s.scale(&parts[g])
		}
		if !finite(c) || !finite(w) {
			return nil, nil, fmt.Errorf("field %s: value %d has a range that is too large", s.field, g)
		}
		center, width = append(center, c), append(width, w)
	}
	return center, width, nil
}

// eachValue calls f with the part and the value, before it is scaled, of each number in the field.
func (s *Scaler) eachValue(set Set, f func(g int, v float64)) error {
	in, err := layoutOf(set)
	if err != nil {
		return err
	}
	at, err := find(in.fields, s.field.Name)
	if err != nil {
		return err
	}
	sample, n := in.room(1), s.field.Size()/s.parts()
	for i := range set.Len() {
		if err := set.Read(i, sample); err != nil {
			return fmt.Errorf("sample %d: %w", i, err)
		}
		for k, v := range sample[at] {
			if !finite(float64(v)) {
				return fmt.Errorf("field %q: sample %d, value %d is %g, which has no scale: replace it", s.field.Name, i, k, v)
			}
		}
		if err := s.checkDomain(sample[at]); err != nil {
			return fmt.Errorf("field %q: sample %d: %w", s.field.Name, i, err)
		}
		for k, v := range sample[at] {
			f(k/n, s.value(v))
		}
	}
	return nil
}

// fitQuartiles returns the median and the interquartile range of each part.
func (s *Scaler) fitQuartiles(set Set) (center, width []float64, err error) {
	if set.Len() > maxVolume/s.field.Size() {
		return nil, nil, fmt.Errorf("field %s of %d samples has more than %d values to sort: fit to a Subset", s.field, set.Len(), maxVolume)
	}
	parts := make([][]float64, s.parts())
	if err := s.eachValue(set, func(g int, v float64) { parts[g] = append(parts[g], v) }); err != nil {
		return nil, nil, err
	}
	for _, values := range parts {
		slices.Sort(values)
		center = append(center, quantile(values, 0.5))
		width = append(width, orOne(quantile(values, 0.75)-quantile(values, 0.25)))
	}
	return center, width, nil
}

// quantile is a quantile of sorted values, between two of them by linear interpolation.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := int(at)
	if k+1 == len(sorted) {
		return sorted[k]
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}
