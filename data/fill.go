// Fills: what numbers are where they are missing.

package data

import (
	"errors"
	"fmt"
	"slices"
)

// A Fill says what x is where a number is missing.
type Fill string

// The fills. In category columns, a block is 0 where the category is missing, except that FillError is an error there too.
const (
	FillMean     Fill = "mean"     // the mean of the column
	FillMedian   Fill = "median"   // the median of the column
	FillConstant Fill = "constant" // FillValue of the options
	FillError    Fill = "error"    // a missing value is an error
)

// fills computes the fills of number columns by the rows, and returns an error for a column without values.
func (f *Frame) fills(fill Fill) error {
	if fill == FillConstant || fill == FillError {
		return nil
	}
	known, zeros := f.cells.byColumn(len(f.columns), f.Len())
	k := -1
	for i := range f.Schema.Columns {
		c := &f.Schema.Columns[i]
		if c.width() == 0 {
			continue
		}
		if k++; c.Kind != NumberColumn {
			continue
		}
		if len(known[k])+zeros[k] == 0 {
			return fmt.Errorf("%s: column %.100q: %w", f.Name, c.Name, errNoValues)
		}
		if fill == FillMedian {
			c.Fill = median(known[k], zeros[k])
		} else {
			c.Fill = mean(known[k], zeros[k])
		}
		f.columns[k].fill = c.Fill
	}
	return nil
}

var errNoValues = errors.New("it has no values: put it into Drop, or choose FillConstant")

// byColumn returns the known values of each of the columns, and how many more are 0.
func (c *cells) byColumn(width, rows int) (known [][]float32, zeros []int) {
	known, zeros = make([][]float32, width), make([]int, width)
	count, stored := make([]int, width), make([]int, width)
	each := func(f func(k int, v float32)) {
		for i, v := range c.values {
			if c.start == nil {
				f(i%width, v)
			} else {
				f(int(c.at[i]), v)
			}
		}
	}
	each(func(k int, v float32) {
		if stored[k]++; v == v {
			count[k]++
		}
	})
	for k := range known {
		known[k], zeros[k] = make([]float32, 0, count[k]), rows-stored[k]
	}
	each(func(k int, v float32) {
		if v == v {
			known[k] = append(known[k], v)
		}
	})
	return known, zeros
}

// mean is the mean of values and as many zeros.
func mean(values []float32, zeros int) float32 {
	sum := 0.
	for _, v := range values {
		sum += float64(v)
	}
	return float32(sum / float64(len(values)+zeros))
}

// median is the median of values and as many zeros. It sorts the values.
func median(values []float32, zeros int) float32 {
	slices.Sort(values)
	below, _ := slices.BinarySearch(values, 0)
	at := func(i int) float64 {
		switch {
		case i < below:
			return float64(values[i])
		case i < below+zeros:
			return 0
		}
		return float64(values[i-zeros])
	}
	n := len(values) + zeros
	return float32((at((n-1)/2) + at(n/2)) / 2)
}
