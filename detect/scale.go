// What all detectors do to a table first: columns of one scale, missing values filled in.

package detect

import (
	"fmt"
	"math"
	"slices"
)

// limit is the largest distance from the mean, in deviations, that a method sees. It
// keeps squares finite, and a single value from being all that a net learns.
const limit = 1e4

// scale is how the columns of a table are brought to one scale.
type scale struct {
	columns []Column
	from    []int
	centre  []float64 // mean of each value in a row
	width   []float64 // its standard deviation, with divisor n; 1 if it does not vary
	varies  []bool
	// constant is what a value that does not vary is on the scale.
	constant []float64
}

// fitScale takes means and deviations from the known values of a table. With oneHot,
// those of categories stay 0 and 1.
func fitScale(t *Table, oneHot bool) (*scale, error) {
	w := t.width()
	s := &scale{columns: t.columns, from: t.from, centre: make([]float64, w), width: make([]float64, w), varies: make([]bool, w), constant: make([]float64, w)}
	for j := range w {
		n, mean, sum := 0., 0., 0.
		for i := range t.n {
			if v := float64(t.x[i*w+j]); !math.IsNaN(v) {
				n++
				d := v - mean
				mean += d / n
				sum += d * (v - mean)
			}
		}
		s.centre[j], s.width[j] = mean, 1
		if deviation := math.Sqrt(sum / max(n, 1)); deviation > 1e-6*math.Abs(mean) && deviation > 0 {
			s.width[j], s.varies[j] = deviation, true
		}
		if oneHot && t.columns[t.columnOf(j)].Categories != nil {
			s.centre[j], s.width[j], s.constant[j] = 0, 1, mean
		}
	}
	if !slices.Contains(s.varies, true) {
		return nil, fmt.Errorf("detect: no column of %s varies: there is nothing to learn", t.name())
	}
	if t.shared {
		s.share()
	}
	return s, nil
}

// share gives the numbers that vary one deviation, the root of the mean of their variances.
func (s *scale) share() {
	var shared []int
	sum := 0.
	for k, c := range s.columns {
		if j := s.from[k]; c.Categories == nil && s.varies[j] {
			shared, sum = append(shared, j), sum+s.width[j]*s.width[j]
		}
	}
	for _, j := range shared {
		s.width[j] = math.Sqrt(sum / float64(len(shared)))
	}
}

// rows are the rows of a table on the scale: [n, width], 0 where a value is missing.
type rows struct {
	n, width int
	x        []float64
	missing  []bool // of each value; nil if none is
}

func (r *rows) row(i int) []float64 { return r.x[i*r.width : (i+1)*r.width] }

// apply brings a table to the scale. A column that did not vary is 0 while it has that
// value.
func (s *scale) apply(t *Table) (*rows, error) {
	if err := sameColumns(s.columns, t); err != nil {
		return nil, err
	}
	r := &rows{n: t.n, width: t.width(), x: make([]float64, len(t.x))}
	for i, v := range t.x {
		j := i % r.width
		if v != v {
			if r.missing == nil {
				r.missing = make([]bool, len(t.x))
			}
			r.missing[i] = true
			continue
		}
		r.x[i] = min(limit, max(-limit, (float64(v)-s.centre[j])/s.width[j]))
	}
	return r, nil
}
