// Package series finds anomalies in series of numbers over time: stretches unlike those of
// a part that is known, or believed, to be normal.
//
//	s, err := series.OpenCSV("load.csv", series.CSVOptions{Time: "timestamp", Value: "value"})
//	known, err := s.First(1000)
//	model, err := series.Detector{}.Fit(ctx, known, detect.Options{})
//	scores, err := model.Score(s) // one for each point, greater is stranger
//
// A net learns to reconstruct windows of the series. Online scores points one at a time,
// as they come, without further training; Likelihood turns such scores into alarms.
package series

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Irregular says what to do about times that go back, times that repeat, and gaps.
type Irregular string

const (
	// Refuse makes each of them an error that names file and row.
	Refuse Irregular = "refuse"
	// Mend leaves out points whose time is not after that of the point before, which get
	// that point's score. No window reaches over a gap.
	Mend Irregular = "mend"
	// Ignore takes the points as they stand, as if they were equally far apart.
	Ignore Irregular = "ignore"
)

// Options are the options of New.
type Options struct {
	// File is named in errors.
	File string
	// Times are the times of the points; nil means that they are equally far apart.
	Times []time.Time
	// Irregular says what to do about irregular times; "" means Refuse.
	Irregular Irregular
	// MaxGap is the longest time between two points that is not a gap; 0 means one and a
	// half times the median.
	MaxGap time.Duration
}

// Series is a series of numbers. It does not change.
type Series struct {
	file   string
	values []float64
	times  []time.Time
	// kept are the points that are scored, in stretches without a gap.
	kept      []int
	stretches []int // where each stretch begins in kept, and its length at the end
}

// New returns a series of values, which must be finite.
func New(values []float64, o Options) (*Series, error) {
	s := &Series{file: o.File, values: slices.Clone(values), times: slices.Clone(o.Times), stretches: []int{0}}
	if len(values) == 0 {
		return nil, fmt.Errorf("series: %s has no points", s.name())
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("series: %s: row %d: the value is %g: leave the row out, or fill it in", s.name(), i+1, v)
		}
	}
	switch o.Irregular {
	case "", Refuse, Mend, Ignore:
	default:
		return nil, fmt.Errorf("series: Irregular is %q, want %q, %q or %q", o.Irregular, Refuse, Mend, Ignore)
	}
	if o.Times != nil && len(o.Times) != len(values) {
		return nil, fmt.Errorf("series: %s: %d times for %d values", s.name(), len(o.Times), len(values))
	}
	if o.MaxGap < 0 {
		return nil, fmt.Errorf("series: MaxGap is %v, want a time above 0, or 0 for one and a half times the median", o.MaxGap)
	}
	return s, s.order(o)
}

// order finds the points that are scored, and the stretches.
func (s *Series) order(o Options) error {
	if s.times == nil || o.Irregular == Ignore {
		for i := range s.values {
			s.kept = append(s.kept, i)
		}
		s.stretches = append(s.stretches, len(s.kept))
		return nil
	}
	gap := cmp.Or(o.MaxGap, usualStep(s.times)*3/2)
	before := 0
	for i, t := range s.times {
		if i == 0 {
			s.kept = append(s.kept, i)
			continue
		}
		step := t.Sub(s.times[before])
		switch {
		case step > 0 && step <= gap:
		case o.Irregular != Mend:
			return fmt.Errorf("series: %s: row %d: %s: mend or ignore irregular times, or correct the file", s.name(), i+1, s.fault(before, i, gap))
		case step <= 0:
			continue
		default:
			s.stretches = append(s.stretches, len(s.kept))
		}
		s.kept, before = append(s.kept, i), i
	}
	s.stretches = append(s.stretches, len(s.kept))
	return nil
}

// fault says what is wrong with the time of point i after the point before.
func (s *Series) fault(before, i int, gap time.Duration) string {
	now, then := s.times[i].Format(time.DateTime), s.times[before].Format(time.DateTime)
	switch step := s.times[i].Sub(s.times[before]); {
	case step < 0:
		return fmt.Sprintf("its time %s is before %s, that of row %d", now, then, before+1)
	case step == 0:
		return fmt.Sprintf("its time %s is that of row %d", now, before+1)
	default:
		return fmt.Sprintf("its time %s is %v after row %d, a gap: the longest step is %v", now, step, before+1, gap)
	}
}

// usualStep is the median of the steps forward in time.
func usualStep(times []time.Time) time.Duration {
	var steps []time.Duration
	for i := 1; i < len(times); i++ {
		if d := times[i].Sub(times[i-1]); d > 0 {
			steps = append(steps, d)
		}
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// Len is the number of points.
func (s *Series) Len() int {
	if s == nil {
		return 0
	}
	return len(s.values)
}

// Values are the values of the points.
func (s *Series) Values() []float64 {
	if s == nil {
		return nil
	}
	return slices.Clone(s.values)
}

// Times are the times of the points, nil if there are none.
func (s *Series) Times() []time.Time {
	if s == nil {
		return nil
	}
	return slices.Clone(s.times)
}

// First returns the first n points, to be learned from.
func (s *Series) First(n int) (*Series, error) {
	if n < 1 || n > s.Len() {
		return nil, fmt.Errorf("series: the first %d points of %d", n, s.Len())
	}
	part := &Series{file: s.file, values: s.values[:n]}
	if s.times != nil {
		part.times = s.times[:n]
	}
	m, _ := slices.BinarySearch(s.kept, n)
	part.kept = s.kept[:m]
	for _, from := range s.stretches {
		part.stretches = append(part.stretches, min(from, m))
	}
	part.stretches = slices.Compact(part.stretches)
	return part, nil
}

func (s *Series) name() string {
	if s.file == "" {
		return "the series"
	}
	return s.file
}

// windows returns the first point in kept of each window of the given length.
func (s *Series) windows(length int) ([]int, error) {
	if s.Len() == 0 {
		return nil, errors.New("series: no points")
	}
	var starts []int
	longest := 0
	for k := 1; k < len(s.stretches); k++ {
		from, to := s.stretches[k-1], s.stretches[k]
		longest = max(longest, to-from)
		for i := from; i+length <= to; i++ {
			starts = append(starts, i)
		}
	}
	if len(starts) == 0 {
		return nil, fmt.Errorf("series: a window has %d points, but the longest stretch of %s without a gap has %d: set a shorter Window", length, s.name(), longest)
	}
	return starts, nil
}
