// Frames: tables of named columns, as sets.

package data

import (
	"errors"
	"math"
	"slices"
)

// A Frame is a table of named columns, and its rows are samples. It is a Set with the fields
//
//	x     [Schema.Width()]: the numbers, and the categories as blocks in which one value is 1 and the others are 0
//	mask  of the same shape: 1 where the value is known, 0 where it is missing
//	label the number of the class, if there is a label column
//
// Where a value is missing, x is the column's fill, or a block of zeros. A frame keeps one number for each value of the
// file.
type Frame struct {
	// Name is the file.
	Name string
	// Schema says what the columns are, and reads other files in the same way. Changing it does not change the samples.
	Schema Schema

	*layout
	columns []frameColumn // those of x
	cells   cells
	labels  []float32 // nil without labels
}

// A frameColumn is a number column or a category column.
type frameColumn struct {
	kind        ColumnKind
	from, width int // columns of x
	fill        float32
}

// cells are the values of a table, row by row: numbers and the numbers of categories, NaN where they are missing.
type cells struct {
	values []float32
	// In a sparse table, the values of row i are those from start[i] to start[i+1], in the columns at; the others are 0.
	// In other tables both are nil.
	at    []int32
	start []int
}

// newFrame returns a frame without rows.
func newFrame(name string, schema Schema) (*Frame, error) {
	schema.Columns = slices.Clone(schema.Columns)
	f := &Frame{Name: name, Schema: schema}
	schema.walk(func(c Column, from int) {
		f.columns = append(f.columns, frameColumn{c.Kind, from, c.width(), c.Fill})
	})
	shape := []int{schema.Width()}
	fields := []Field{{Name: "x", Shape: shape}, {Name: "mask", Shape: shape}}
	if classes := schema.Classes(); classes != nil {
		fields = append(fields, Field{Name: "label", Classes: len(classes)})
	}
	var err error
	f.layout, err = newLayout(fields)
	return f, err
}

// Len is the number of rows.
func (f *Frame) Len() int {
	switch {
	case f == nil || len(f.columns) == 0:
		return 0
	case f.cells.start != nil:
		return len(f.cells.start) - 1
	}
	return len(f.cells.values) / len(f.columns)
}

// Fields are x, mask and perhaps label.
func (f *Frame) Fields() []Field {
	if f == nil || f.layout == nil {
		return nil
	}
	return f.layout.Fields()
}

// Read reads row i.
func (f *Frame) Read(i int, to [][]float32) error {
	if f == nil || f.layout == nil {
		return errors.New("frame: it is empty: make it by OpenCSV or OpenARFF")
	}
	if err := f.check("frame", i, f.Len(), to); err != nil {
		return err
	}
	x, mask := to[0], to[1]
	if f.labels != nil {
		to[2][0] = f.labels[i]
	}
	if f.cells.start == nil {
		for k, v := range f.cells.values[i*len(f.columns) : (i+1)*len(f.columns)] {
			f.columns[k].put(v, x, mask)
		}
		return nil
	}
	for _, c := range f.columns {
		c.put(0, x, mask)
	}
	for e := f.cells.start[i]; e < f.cells.start[i+1]; e++ {
		f.columns[f.cells.at[e]].put(f.cells.values[e], x, mask)
	}
	return nil
}

// put writes a value into the column's part of x and mask.
func (c frameColumn) put(v float32, x, mask []float32) {
	missing := v != v
	known := float32(1)
	if missing {
		known = 0
	}
	for k := c.from; k < c.from+c.width; k++ {
		x[k], mask[k] = 0, known
	}
	switch {
	case c.kind == CategoryColumn && !missing:
		x[c.from+int(v)] = 1
	case c.kind == NumberColumn && missing:
		x[c.from] = c.fill
	case c.kind == NumberColumn:
		x[c.from] = v
	}
}

// nan is the value of a cell that is missing.
func nan() float32 { return float32(math.NaN()) }
