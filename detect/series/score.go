// Scores of points: of a whole series, and one at a time.

package series

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Score returns a score for each point, greater for stranger ones: the mean over all
// windows with the point of the window's mean squared error, in the units of Scaling. A
// point that was left out has the score of the one before it. A point of a stretch that
// is shorter than a window has the score NaN. It reads points after the one that is
// scored; Online does not.
func (m *Model) Score(s *Series) ([]float64, error) {
	if m == nil || m.f == nil {
		return nil, errors.New("series: no model: make it by Fit of a Detector")
	}
	starts, err := s.windows(m.d.Window)
	if err != nil {
		return nil, err
	}
	ofWindow, err := m.windowErrors(s, starts)
	if err != nil {
		return nil, err
	}
	sum, n := make([]float64, s.Len()), make([]float64, s.Len())
	for i, from := range starts {
		for _, at := range s.kept[from : from+m.d.Window] {
			sum[at] += ofWindow[i]
			n[at]++
		}
	}
	kept := 0
	for i := range sum {
		if kept < len(s.kept) && s.kept[kept] == i {
			sum[i] /= n[i] // 0/0 is NaN
			kept++
		} else if i > 0 {
			sum[i] = sum[i-1]
		}
	}
	return sum, nil
}

// windowErrors returns the mean squared error of each window.
func (m *Model) windowErrors(s *Series, starts []int) ([]float64, error) {
	const block = 4096
	mean := make([]float64, 0, len(starts))
	for from := 0; from < len(starts); from += block {
		wrong, err := m.errors(m.inputs(s, starts[from:min(from+block, len(starts))]))
		if err != nil {
			return nil, err
		}
		for at := 0; at < len(wrong); at += m.d.Window {
			mean = append(mean, meanOf(wrong[at:at+m.d.Window]))
		}
	}
	return mean, nil
}

func meanOf(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return sum / float64(len(x))
}

// Online scores points as they come. The net is not trained further. One goroutine at a
// time may use it.
type Online struct {
	m      *Model
	last   time.Time
	timed  bool
	points int       // that were given
	window []float64 // the latest points
	x      []float32
}

// Online returns a new stream of points, before its first.
func (m *Model) Online() *Online { return &Online{m: m} }

// Next takes the value of the next point. It returns the mean squared error of the window
// that ends with it, and false for the points before the first window is full.
func (o *Online) Next(value float64) (score float64, ok bool, err error) {
	if o == nil || o.m == nil || o.m.f == nil {
		return 0, false, errors.New("series: no stream: make it by Online of a model")
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, false, fmt.Errorf("series: point %d: the value is %g: leave the point out, or fill it in", o.points+1, value)
	}
	o.points++
	if len(o.window) == o.m.d.Window {
		copy(o.window, o.window[1:])
		o.window[len(o.window)-1] = value
	} else if o.window = append(o.window, value); len(o.window) < o.m.d.Window {
		return 0, false, nil
	}
	o.x = o.m.scaled(o.window, o.x[:0])
	wrong, err := o.m.errors(o.x)
	if err != nil {
		return 0, false, err
	}
	return meanOf(wrong), true, nil
}

// NextAt is Next for a point with a time, which must be after that of the point before. A
// time that goes back or repeats is an error, and the point does not count. After a gap,
// which is more than maxGap if that is above 0, the window begins anew.
func (o *Online) NextAt(at time.Time, value float64, maxGap time.Duration) (score float64, ok bool, err error) {
	if o != nil && o.timed {
		switch step := at.Sub(o.last); {
		case step < 0:
			return 0, false, fmt.Errorf("series: point %d: its time %s is before %s, that of the point before", o.points+1, at.Format(time.DateTime), o.last.Format(time.DateTime))
		case step == 0:
			return 0, false, fmt.Errorf("series: point %d: its time %s is that of the point before", o.points+1, at.Format(time.DateTime))
		case maxGap > 0 && step > maxGap:
			o.window = o.window[:0]
		}
	}
	score, ok, err = o.Next(value)
	if err == nil {
		o.last, o.timed = at, true
	}
	return score, ok, err
}
