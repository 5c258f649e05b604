// The way back from numbers to a table: a row of x as named values.

package data

import (
	"errors"
	"fmt"
	"strconv"
)

// A Cell is the value of a column in a row.
type Cell struct {
	Column  string
	Text    string  // the number as text, or the category; "" if it is missing
	Number  float32 // of a number column
	Missing bool
}

// Row returns the cells that a row of x [Width] stands for, one for each number column and category column. The category
// is the one with the largest value in its block, so x may be what a model computes. A cell is missing if mask [Width] is
// 0 there; without a mask, give nil.
func (s *Schema) Row(x, mask []float32) ([]Cell, error) {
	if s == nil {
		return nil, errors.New("row of a table: no schema: give that of a Frame")
	}
	if n := s.Width(); len(x) != n || mask != nil && len(mask) != n {
		return nil, fmt.Errorf("row of a table: x has %d values and the mask %d, but the schema has %d columns of x", len(x), len(mask), n)
	}
	var cells []Cell
	s.walk(func(c Column, from int) {
		cell := Cell{Column: c.Name, Missing: mask != nil && mask[from] == 0}
		switch {
		case cell.Missing:
		case c.Kind == NumberColumn:
			cell.Number = x[from]
			cell.Text = strconv.FormatFloat(float64(x[from]), 'g', -1, 32)
		default:
			best := 0
			for k := range c.width() {
				if x[from+k] > x[from+best] {
					best = k
				}
			}
			cell.Text = c.category(best)
		}
		cells = append(cells, cell)
	})
	return cells, nil
}
