// Windows over time series, as a set.

package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// WindowOptions are the options of NewWindows.
type WindowOptions struct {
	// Length is the number of steps in a window, at least 1.
	Length int
	// Stride is the number of steps from the start of a window to the start of the next; 0: 1.
	Stride int
	// CoverEnd adds a window that ends with the last step, if the stride leaves out steps there.
	CoverEnd bool
	// StepsFirst gives windows the shape [Length channels], as recurrent nets read them; otherwise it is [channels
	// Length], as convolutions do.
	StepsFirst bool
	// Field is the field that is read; "": "x".
	Field string
	// Series is a field whose value says to which series a step belongs; "": all steps are of one.
	Series string
	// Time is the time of each step, in any unit; nil: steps are equally far apart. See Seconds.
	Time []float64
	// MaxGap is the longest time from a step to the next within a window; 0: any.
	MaxGap float64
	// Sort orders the steps of a series by time. Otherwise, a step that is earlier than the one before is an error.
	Sort bool
	// DropRepeated leaves out a step that has the time of the one before. Otherwise, it is an error.
	DropRepeated bool
}

// Windows is a set of windows over time series: a single field, whose samples are views into another set. See NewWindows.
type Windows struct {
	*layout
	opts     WindowOptions
	rows     Set // its samples are steps, its only field [channels]
	channels int
	order    []int // the steps that may be in windows, one stretch after another
	starts   []int // of each window, in order
}

// NewWindows returns the windows over the samples of a set, which are the steps of a time series in their order: its
// field "x" has the shape [channels], or none for a single number. With a field of shape [steps channels], each sample
// is a series; if the set is not in memory, the field is then read into it.
//
// A window does not go from one series to another, nor over a gap in time. A series without a window is an error. To
// train on some windows and test on later ones without a step in both, split the steps first, see SplitOptions.InOrder.
func NewWindows(set Set, opts WindowOptions) (*Windows, error) {
	w, err := newWindows(set, opts)
	if err != nil {
		return nil, fmt.Errorf("windows: %w", err)
	}
	return w, nil
}

func newWindows(set Set, opts WindowOptions) (*Windows, error) {
	if opts.Field == "" {
		opts.Field = "x"
	}
	if opts.Stride == 0 {
		opts.Stride = 1
	}
	switch {
	case set == nil:
		return nil, errNoSet
	case opts.Length < 1:
		return nil, fmt.Errorf("the Length is %d: want the number of steps in a window", opts.Length)
	case opts.Stride < 1 || opts.Stride > maxVolume:
		return nil, fmt.Errorf("the Stride is %d: want 1 to %d steps", opts.Stride, maxVolume)
	case set.Len() > maxVolume:
		return nil, fmt.Errorf("a set of %d steps is too long, at most %d can be: take a Subset", set.Len(), maxVolume)
	case !(opts.MaxGap >= 0):
		return nil, fmt.Errorf("MaxGap is %g: want a time above 0, or 0 for any", opts.MaxGap)
	case opts.Time == nil && (opts.MaxGap > 0 || opts.Sort || opts.DropRepeated):
		return nil, errors.New("MaxGap, Sort and DropRepeated are by Time: give it")
	}
	w := &Windows{opts: opts}
	series, err := w.open(set)
	if err != nil {
		return nil, err
	}
	if opts.Time != nil && len(opts.Time) != w.rows.Len() {
		return nil, fmt.Errorf("%d times for %d steps", len(opts.Time), w.rows.Len())
	}
	for k, steps := range series {
		if err := w.add(steps); err != nil {
			if len(series) > 1 {
				err = fmt.Errorf("series %d: %w", k, err)
			}
			return nil, err
		}
	}
	shape := []int{w.channels, opts.Length}
	if opts.StepsFirst {
		shape = []int{opts.Length, w.channels}
	}
	if w.layout, err = newLayout([]Field{{Name: opts.Field, Shape: shape}}); err != nil {
		return nil, err
	}
	return w, nil
}

// open sets what is read step by step, and returns the steps of each series.
func (w *Windows) open(set Set) (series [][]int, err error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, err
	}
	at, err := find(in.fields, w.opts.Field)
	if err != nil {
		return nil, err
	}
	if set.Len() < 1 {
		return nil, errors.New("the set has no samples")
	}
	f, step := in.fields[at], in.fields[at]
	switch len(f.Shape) {
	case 0, 1:
		w.channels = f.Size()
	case 2:
		w.channels, step.Shape = f.Shape[1], f.Shape[1:]
		if w.opts.Series != "" {
			return nil, fmt.Errorf("each sample of field %s is a series: leave out Series", f)
		}
	default:
		return nil, fmt.Errorf("field %s is not a step [channels], nor a series [steps channels]: bring it to one by Reshape", f)
	}
	if err := w.readFrom(set, at, step); err != nil {
		return nil, err
	}
	switch {
	case w.opts.Series != "":
		return groupsOf(set, w.opts.Series)
	case len(f.Shape) < 2:
		return [][]int{inLine(0, set.Len())}, nil
	}
	for i := range set.Len() {
		series = append(series, inLine(i*f.Shape[0], f.Shape[0]))
	}
	return series, nil
}

// readFrom sets where a step is read: in the memory of the set, if it has one, else in the set; series are read into
// memory.
func (w *Windows) readFrom(set Set, at int, step Field) (err error) {
	var values []float32
	switch m, ok := set.(*memory); {
	case ok:
		values = m.values[at]
	case step.Size() == set.Fields()[at].Size():
		w.rows, err = Select(set, step.Name)
		return err
	default:
		a, err := arrayOf(set, step.Name)
		if err != nil {
			return err
		}
		values = a.Values
	}
	w.rows, err = inMemory([]Array{{Name: step.Name, Shape: step.Shape, Values: values}})
	return err
}

// inLine are n numbers from first.
func inLine(first, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = first + i
	}
	return all
}

// add adds the windows over the steps of a series.
func (w *Windows) add(steps []int) error {
	steps, err := w.inTime(steps)
	if err != nil {
		return err
	}
	before, longest := len(w.starts), 0
	for len(steps) > 0 {
		n := 1
		for n < len(steps) && !w.gap(steps[n-1], steps[n]) {
			n++
		}
		longest = max(longest, n)
		if n >= w.opts.Length {
			w.addStretch(steps[:n])
		}
		steps = steps[n:]
	}
	if len(w.starts) == before {
		return fmt.Errorf("no window of %d steps: the longest stretch without a gap has %d", w.opts.Length, longest)
	}
	return nil
}

func (w *Windows) addStretch(steps []int) {
	at, last := len(w.order), len(w.order)+len(steps)-w.opts.Length
	w.order = append(w.order, steps...)
	for ; at <= last; at += w.opts.Stride {
		w.starts = append(w.starts, at)
	}
	if w.opts.CoverEnd && at-w.opts.Stride < last {
		w.starts = append(w.starts, last)
	}
}

// gap tells whether no window has both of two steps that follow each other.
func (w *Windows) gap(a, b int) bool {
	return w.opts.MaxGap > 0 && w.opts.Time[b]-w.opts.Time[a] > w.opts.MaxGap
}

// inTime are the steps of a series in the order of time.
func (w *Windows) inTime(steps []int) ([]int, error) {
	time := w.opts.Time
	if time == nil {
		return steps, nil
	}
	for _, row := range steps {
		if math.IsNaN(time[row]) || math.IsInf(time[row], 0) {
			return nil, fmt.Errorf("row %d: its time is %g", row, time[row])
		}
	}
	if w.opts.Sort {
		slices.SortStableFunc(steps, func(a, b int) int {
			switch {
			case time[a] < time[b]:
				return -1
			case time[a] > time[b]:
				return 1
			default:
				return 0
			}
		})
	}
	kept := steps[:1]
	for _, row := range steps[1:] {
		switch before := kept[len(kept)-1]; {
		case time[row] < time[before]:
			return nil, fmt.Errorf("row %d: its time, %g, is before that of row %d, %g: set Sort, or sort the rows", row, time[row], before, time[before])
		case time[row] > time[before]:
			kept = append(kept, row)
		case !w.opts.DropRepeated:
			return nil, fmt.Errorf("row %d: its time, %g, is that of row %d: set DropRepeated, or leave one out", row, time[row], before)
		}
	}
	return kept, nil
}
