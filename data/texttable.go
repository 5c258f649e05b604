// Tables of text, as CSV and ARFF files hold them, and how they become frames by a schema.

package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A textTable is a table of text that can be read several times.
type textTable struct {
	file    string
	columns []string // names
	// rows calls each for every row. Row texts belong to the columns at, or to all columns if at is nil. In the others,
	// numbers are 0 and categories the first.
	rows    func(each func(line int, at []int, texts []string) error) error
	missing func(text string) bool
	comma   bool   // numbers are written as 3,14
	hint    string // what to do if a text is not a number
}

// wrong is an error in a line and a column.
func (t *textTable) wrong(line, column int, format string, args ...any) error {
	return fmt.Errorf("%s: line %d, column %.100q: %w", t.file, line, t.columns[column], fmt.Errorf(format, args...))
}

// number reads a number, which must be finite as a float32.
func (t *textTable) number(text string) (v float32, ok bool) {
	if t.comma && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	x, err := strconv.ParseFloat(text, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return float32(x), true
}

// finite is a number, or the reason why the text is none.
func (t *textTable) finite(text string) (float32, error) {
	v, ok := t.number(text)
	if !ok {
		return 0, fmt.Errorf("%.100q is not a number: %s", text, t.hint)
	}
	if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
		return 0, fmt.Errorf("%.100q is not a finite float32: %s", text, t.hint)
	}
	return v, nil
}

// A codec turns the texts of a column into numbers.
type codec struct {
	Column
	place   int // in a frame's row; -1 for a label
	numbers map[string]int
	values  map[float32]int // categories that are numbers, by their values
}

func (t *textTable) codec(c Column, place int) *codec {
	d := &codec{Column: c, place: place}
	if c.Kind == NumberColumn {
		return d
	}
	d.numbers, d.values = make(map[string]int, len(c.Categories)), map[float32]int{}
	for k, text := range c.Categories {
		d.numbers[text] = k
		if v, ok := t.number(text); ok && d.values != nil {
			if _, twice := d.values[v]; twice {
				d.values = nil // texts such as 1 and 1.0 differ
				continue
			}
			d.values[v] = k
		}
	}
	return d
}

// code is the number of a text, NaN if it is missing.
func (t *textTable) code(d *codec, text string) (float32, error) {
	if t.missing(text) {
		switch {
		case d.Kind == LabelColumn:
			return 0, errors.New("the label is missing: remove the row")
		case d.Required:
			return 0, errors.New("the value is missing: remove the row, or choose another Fill")
		}
		return nan(), nil
	}
	if d.Kind == NumberColumn {
		return t.finite(text)
	}
	if k, ok := d.numbers[text]; ok {
		return float32(k), nil
	}
	if v, ok := t.number(text); ok {
		if k, ok := d.values[v]; ok {
			return float32(k), nil
		}
	}
	if d.Other {
		return float32(len(d.Categories)), nil
	}
	what := "category"
	if d.Kind == LabelColumn {
		what = "class"
	}
	return 0, fmt.Errorf("there is no %s %.100q; they are %s", what, text, columnNames(d.Categories))
}

// frame reads the rows by a schema that fits the columns; codecs[k] is nil where column k is passed over.
func (t *textTable) frame(schema Schema, codecs []*codec, labelled bool) (*Frame, error) {
	f, err := newFrame(t.file, schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.file, err)
	}
	if !labelled {
		f.layout, err = newLayout(f.layout.fields[:2])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.file, err)
		}
	}
	width := len(f.columns)
	rows := 0
	err = t.rows(func(line int, at []int, texts []string) error {
		rows++
		if at != nil && f.cells.start == nil {
			f.cells.makeSparse(width)
		}
		label := float32(0)
		row := len(f.cells.values)
		if at == nil {
			f.cells.values = slices.Grow(f.cells.values, width)
		}
		for k, text := range texts {
			column := k
			if at != nil {
				column = at[k]
			}
			d := codecs[column]
			if d == nil {
				continue
			}
			v, err := t.code(d, text)
			if err != nil {
				return t.wrong(line, column, "%w", err)
			}
			if d.place < 0 {
				label = v
				continue
			}
			f.cells.values = append(f.cells.values, v)
			if f.cells.start != nil {
				f.cells.at = append(f.cells.at, int32(d.place))
			}
		}
		if f.cells.start != nil {
			f.cells.start = append(f.cells.start, len(f.cells.values))
		} else if got := len(f.cells.values) - row; got != width {
			return fmt.Errorf("%s: line %d: %d of %d values", t.file, line, got, width)
		}
		if labelled && len(f.layout.fields) > 2 {
			f.labels = append(f.labels, label)
		}
		return nil
	})
	if err == nil && rows == 0 {
		err = fmt.Errorf("%s: there are no rows", t.file)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// makeSparse gives every value its column.
func (c *cells) makeSparse(width int) {
	c.at = make([]int32, len(c.values))
	for i := range c.at {
		c.at[i] = int32(i % width)
	}
	c.start = make([]int, len(c.values)/width+1)
	for i := range c.start {
		c.start[i] = i * width
	}
}
