// Tables: rows of numbers and categories, with missing values.

package detect

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
)

// Column describes a column of a table.
type Column struct {
	Name string
	// Categories are the texts of a column of categories; nil for a column of numbers.
	Categories []string
}

// width is the number of values that the column has in a row: one, or one for each
// category.
func (c Column) width() int { return max(1, len(c.Categories)) }

// Table is rows of numbers and categories. It does not change.
type Table struct {
	file    string
	columns []Column
	from    []int // first value of each column in a row of x, and the width at the end
	shared  bool  // TableOptions.OneScale
	n       int
	x       []float32 // [n, width], in the data's own units; categories are one-hot; NaN is missing
}

// TableOptions are the options of NewTable.
type TableOptions struct {
	// File is named in errors; "" means the frame's name.
	File string
	// Names are the names of the columns; nil means those of the schema, or c1, c2 and
	// so on.
	Names []string
	// Schema is that of the frame that the set was made of, so that categories are known
	// as such. nil means the set's own if it is a *data.Frame, or that all columns are
	// numbers.
	Schema *data.Schema
	// OneScale means that all numbers are of one quantity in one unit, such as the points of a
	// heartbeat: one deviation scales them, and columns that vary more count for more. Without
	// it each column counts the same, whatever its unit.
	OneScale bool
}

// NewTable returns the rows of a set: its field "x" [columns] and, if it has a field
// "mask" of the same shape, which values are missing. So is a NaN. An infinity is an
// error that names file, row and column. Rows are counted from 1 in errors.
func NewTable(set data.Set, o TableOptions) (*Table, error) {
	if frame, ok := set.(*data.Frame); ok && frame != nil {
		if o.Schema == nil {
			o.Schema = &frame.Schema
		}
		if o.File == "" {
			o.File = frame.Name
		}
	}
	x, err := data.ArrayOf(set, "x")
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	width := 1
	for _, n := range x.Shape {
		width *= n
	}
	t := &Table{file: o.File, shared: o.OneScale, x: x.Values, n: len(x.Values) / width}
	if t.columns, err = columnsOf(o, width); err != nil {
		return nil, fmt.Errorf("detect: %s: %w", t.name(), err)
	}
	t.from = []int{0}
	for _, c := range t.columns {
		t.from = append(t.from, t.from[len(t.from)-1]+c.width())
	}
	if _, err := data.FieldOf(set, "mask"); err == nil {
		mask, err := data.ArrayOf(set, "mask")
		if err != nil {
			return nil, fmt.Errorf("detect: %w", err)
		}
		for i, known := range mask.Values[:min(len(mask.Values), len(t.x))] {
			if known == 0 {
				t.x[i] = float32(math.NaN())
			}
		}
	}
	return t, t.check()
}

// columnsOf describes the columns of x, which has width values in a row.
func columnsOf(o TableOptions, width int) (columns []Column, err error) {
	if o.Schema == nil {
		for i := range width {
			columns = append(columns, Column{Name: fmt.Sprintf("c%d", i+1)})
		}
	} else {
		if o.Schema.Width() != width {
			return nil, fmt.Errorf("the schema has %d values in a row, the set %d: give the schema of the frame that the set was made of", o.Schema.Width(), width)
		}
		for _, c := range o.Schema.Columns {
			switch c.Kind {
			case data.NumberColumn:
				columns = append(columns, Column{Name: c.Name})
			case data.CategoryColumn:
				if err := notNumbers(c); err != nil {
					return nil, err
				}
				categories := c.Categories
				if c.Other {
					categories = append(categories[:len(categories):len(categories)], data.OtherCategory)
				}
				columns = append(columns, Column{c.Name, categories})
			}
		}
	}
	if o.Names != nil {
		if len(o.Names) != len(columns) {
			return nil, fmt.Errorf("%d names for %d columns", len(o.Names), len(columns))
		}
		for i, name := range o.Names {
			columns[i].Name = name
		}
	}
	return columns, nil
}

// notNumbers returns an error for a column of categories that are nearly all numbers: one
// text among numbers has made it a column of categories.
func notNumbers(c data.Column) error {
	var texts []string
	for _, text := range c.Categories {
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			texts = append(texts, text)
		}
	}
	if n := len(c.Categories); n < 10 || len(texts) == 0 || 10*len(texts) > n {
		return nil
	}
	return fmt.Errorf("column %q: %.40q is no number, but %d of its %d values are: correct the file, list the text as missing, or make it a number column by Kinds, which then names the line", c.Name, texts[0], len(c.Categories)-len(texts), len(c.Categories))
}

// check returns an error for a table without rows, and for an infinity.
func (t *Table) check() error {
	if t.n == 0 {
		return fmt.Errorf("detect: %s has no rows", t.name())
	}
	for i, v := range t.x {
		if math.IsInf(float64(v), 0) {
			row, at := i/t.width(), i%t.width()
			return fmt.Errorf("detect: %s: row %d, column %q is %g: replace it, or leave it empty if it is missing", t.name(), row+1, t.columns[t.columnOf(at)].Name, v)
		}
	}
	return nil
}

// Len is the number of rows.
func (t *Table) Len() int {
	if t == nil {
		return 0
	}
	return t.n
}

// Columns describes the columns.
func (t *Table) Columns() []Column {
	if t == nil {
		return nil
	}
	return append([]Column(nil), t.columns...)
}

// Where returns the rows for which keep is true; keep has an element for each row.
func (t *Table) Where(keep []bool) (*Table, error) {
	if t == nil || len(keep) != t.n {
		return nil, fmt.Errorf("detect: %d rows to choose from, but the table has %d", len(keep), t.Len())
	}
	part := &Table{file: t.file, columns: t.columns, from: t.from, shared: t.shared}
	w := t.width()
	for i, k := range keep {
		if k {
			part.x = append(part.x, t.x[i*w:(i+1)*w]...)
			part.n++
		}
	}
	if part.n == 0 {
		return nil, fmt.Errorf("detect: no row of %s is left", t.name())
	}
	return part, nil
}

// width is the number of values in a row.
func (t *Table) width() int { return t.from[len(t.from)-1] }

// columnOf is the column of a value in a row.
func (t *Table) columnOf(at int) int {
	k := 0
	for t.from[k+1] <= at {
		k++
	}
	return k
}

// row is the values of row i.
func (t *Table) row(i int) []float32 { return t.x[i*t.width() : (i+1)*t.width()] }

func (t *Table) name() string {
	if t.file == "" {
		return "the table"
	}
	return t.file
}

// sameColumns returns an error that says how the columns differ from those that a model
// was fitted to.
func sameColumns(fitted []Column, t *Table) error {
	if t == nil {
		return fmt.Errorf("detect: no table")
	}
	var unlike []string
	for i := range max(len(fitted), len(t.columns)) {
		switch {
		case i >= len(t.columns):
			unlike = append(unlike, fmt.Sprintf("column %d, %q, is missing", i+1, fitted[i].Name))
		case i >= len(fitted):
			unlike = append(unlike, fmt.Sprintf("column %d, %q, is one too many", i+1, t.columns[i].Name))
		case fitted[i].Name != t.columns[i].Name:
			unlike = append(unlike, fmt.Sprintf("column %d is %q, want %q", i+1, t.columns[i].Name, fitted[i].Name))
		case strings.Join(fitted[i].Categories, "\x00") != strings.Join(t.columns[i].Categories, "\x00"):
			unlike = append(unlike, fmt.Sprintf("column %d, %q, has other categories: read the file by the schema of the table that was fitted", i+1, fitted[i].Name))
		}
	}
	if len(unlike) == 0 {
		return nil
	}
	const most = 5
	if more := len(unlike) - most; more > 0 {
		unlike = append(unlike[:most], fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("detect: %s has other columns than the table that was fitted: %s", t.name(), strings.Join(unlike, "; "))
}
