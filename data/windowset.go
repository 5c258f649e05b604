// What windows are as a set, and the way back from windows to steps.

package data

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// errNoWindows is the error of the zero Windows.
var errNoWindows = errors.New("no windows: make them by NewWindows")

// Fields is the one field of a window.
func (w *Windows) Fields() []Field {
	if w.layout == nil {
		return nil
	}
	return w.layout.Fields()
}

// Len is the number of windows.
func (w *Windows) Len() int { return len(w.starts) }

// Read reads a window. See Set.
func (w *Windows) Read(i int, to [][]float32) error {
	if w.layout == nil {
		return errNoWindows
	}
	if err := w.check("windows", i, len(w.starts), to); err != nil {
		return err
	}
	step := [][]float32{nil}
	if !w.opts.StepsFirst {
		step[0] = make([]float32, w.channels)
	}
	for k, row := range w.order[w.starts[i]:][:w.opts.Length] {
		if w.opts.StepsFirst {
			step[0] = to[0][k*w.channels : (k+1)*w.channels]
		}
		if err := w.rows.Read(row, step); err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		if !w.opts.StepsFirst {
			for c, v := range step[0] {
				to[0][c*w.opts.Length+k] = v
			}
		}
	}
	return nil
}

// Rows are the steps of a window, as indices in the set that the windows were made of; in that of series [steps
// channels], counted through one series after another. It is nil for a number that is not of a window.
func (w *Windows) Rows(i int) []int {
	if i < 0 || i >= len(w.starts) {
		return nil
	}
	return slices.Clone(w.order[w.starts[i]:][:w.opts.Length])
}

// Spread brings scores of windows to the steps: for each step, the mean of the scores of all windows that it is in, NaN
// if it is in none. There is a score for each window, or one for each step of each window, [windows Length].
func (w *Windows) Spread(scores []float32) ([]float32, error) {
	if w.layout == nil {
		return nil, errNoWindows
	}
	each := len(scores) == len(w.starts)*w.opts.Length
	if !each && len(scores) != len(w.starts) {
		return nil, fmt.Errorf("windows: %d scores for %d windows of %d steps: want one for each window, or for each of their steps",
			len(scores), len(w.starts), w.opts.Length)
	}
	sum, n := make([]float64, w.rows.Len()), make([]int, w.rows.Len())
	for i, start := range w.starts {
		for k, row := range w.order[start:][:w.opts.Length] {
			at := i
			if each {
				at = i*w.opts.Length + k
			}
			sum[row] += float64(scores[at])
			n[row]++
		}
	}
	mean := make([]float32, len(sum))
	for row := range mean {
		mean[row] = float32(sum[row] / float64(n[row])) // 0/0 is NaN
	}
	return mean, nil
}

// String says how many windows of what size there are, for a log.
func (w *Windows) String() string {
	if w.layout == nil {
		return "no windows"
	}
	return fmt.Sprintf("%d windows of %d steps, %d apart, over %d steps of %d channels",
		len(w.starts), w.opts.Length, w.opts.Stride, w.rows.Len(), w.channels)
}

// Seconds are times in seconds since the first, for WindowOptions.Time.
func Seconds(times []time.Time) []float64 {
	seconds := make([]float64, len(times))
	for i, t := range times {
		seconds[i] = t.Sub(times[0]).Seconds()
	}
	return seconds
}
