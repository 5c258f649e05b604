// The description of a table of text: what its columns are, and how they become numbers.

package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A ColumnKind says what a column of a table becomes.
type ColumnKind string

// The kinds of columns.
const (
	NumberColumn   ColumnKind = "number"   // one value of x
	CategoryColumn ColumnKind = "category" // a block of x with a value for each category, one of them 1
	LabelColumn    ColumnKind = "label"    // the field "label", the number of a class
	DroppedColumn  ColumnKind = "dropped"  // nothing
)

// A Column describes a column of a table.
type Column struct {
	Name string     `json:"name"`
	Kind ColumnKind `json:"kind"`
	// Categories are the texts of a category column, or the classes of a label column, in the order of their numbers.
	Categories []string `json:"categories,omitempty"`
	// Other means that a category or label column has one more category at the end, for all texts that are not listed.
	Other bool `json:"other,omitempty"`
	// Fill is the value of a number that is missing.
	Fill float32 `json:"fill,omitempty"`
	// Required means that a missing value is an error.
	Required bool `json:"required,omitempty"`
}

// OtherCategory is the text of the category that Column.Other adds.
const OtherCategory = "(other)"

// width is the number of values of x that the column becomes.
func (c Column) width() int {
	switch c.Kind {
	case NumberColumn:
		return 1
	case CategoryColumn:
		if c.Other {
			return len(c.Categories) + 1
		}
		return len(c.Categories)
	}
	return 0
}

// A Schema describes a table of text as OpenCSV or OpenARFF has read it, so that another table is read in the same way.
// It goes through JSON. Each number column and each category column, in their order, becomes columns of the field x.
type Schema struct {
	Columns []Column `json:"columns"` // in the order of the file
	// Missing are the texts that mean that a value is missing; nil: those of CSVOptions.Missing.
	Missing []string `json:"missing"`
	// NoHeader means that the first line of a CSV file is a row; columns are then known by their places.
	NoHeader bool `json:"no_header,omitempty"`
	// DecimalComma means that numbers are written as 3,14.
	DecimalComma bool `json:"decimal_comma,omitempty"`
}

// A Block is the columns of x that a category column becomes: From (inclusive) to To (exclusive). A model puts a softmax
// on them.
type Block struct {
	Column string `json:"column"`
	From   int    `json:"from"`
	To     int    `json:"to"`
}

// Width is the number of columns of x.
func (s *Schema) Width() int {
	if s == nil {
		return 0
	}
	n := 0
	for _, c := range s.Columns {
		n += c.width()
	}
	return n
}

// Blocks are the blocks of the category columns, in their order. The other columns of x are numbers.
func (s *Schema) Blocks() []Block {
	var blocks []Block
	s.walk(func(c Column, from int) {
		if c.Kind == CategoryColumn {
			blocks = append(blocks, Block{c.Name, from, from + c.width()})
		}
	})
	return blocks
}

// Names are the names of the columns of x: the column's name for a number, and "column=category" for a category.
func (s *Schema) Names() []string {
	var names []string
	s.walk(func(c Column, _ int) {
		if c.Kind == NumberColumn {
			names = append(names, c.Name)
			return
		}
		for k := range c.width() {
			names = append(names, c.Name+"="+c.category(k))
		}
	})
	return names
}

// Classes are the classes of the label column in the order of their numbers, with OtherCategory at the end if there may be
// others; nil without such a column.
func (s *Schema) Classes() []string {
	if s == nil {
		return nil
	}
	for _, c := range s.Columns {
		if c.Kind == LabelColumn {
			classes := slices.Clone(c.Categories)
			if c.Other {
				classes = append(classes, OtherCategory)
			}
			return classes
		}
	}
	return nil
}

// walk calls f for each column that becomes columns of x, and the first of these.
func (s *Schema) walk(f func(c Column, from int)) {
	if s == nil {
		return
	}
	from := 0
	for _, c := range s.Columns {
		if n := c.width(); n > 0 {
			f(c, from)
			from += n
		}
	}
}

// category is the text of the category with that number.
func (c Column) category(k int) string {
	if k < len(c.Categories) {
		return c.Categories[k]
	}
	return OtherCategory
}

// check checks a schema, which may come from a file.
func (s *Schema) check() error {
	seen := map[string]bool{}
	labels := 0
	for _, c := range s.Columns {
		if seen[c.Name] {
			return fmt.Errorf("there are two columns %q: give each a name of its own", c.Name)
		}
		seen[c.Name] = true
		if err := c.check(); err != nil {
			return fmt.Errorf("column %q: %w", c.Name, err)
		}
		if c.Kind == LabelColumn {
			labels++
		}
	}
	switch {
	case labels > 1:
		return fmt.Errorf("there are %d label columns; one is possible", labels)
	case s.Width() == 0:
		return errors.New("no column of numbers or categories is left")
	}
	return nil
}

func (c Column) check() error {
	switch c.Kind {
	case NumberColumn:
		if v := float64(c.Fill); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a fill of %g", v)
		}
		return nil
	case DroppedColumn:
		return nil
	case CategoryColumn, LabelColumn:
		seen := map[string]bool{}
		for _, text := range c.Categories {
			if seen[text] {
				return fmt.Errorf("category %q is listed twice", text)
			}
			seen[text] = true
		}
		if n := len(c.Categories); n == 0 || n >= maxClasses {
			return fmt.Errorf("%d categories; between 1 and %d are possible", n, maxClasses-1)
		}
		return nil
	}
	return fmt.Errorf("kind %q: the kinds are %q, %q, %q and %q", c.Kind, NumberColumn, CategoryColumn, LabelColumn, DroppedColumn)
}

// columnNames lists the names of columns, the first ones if there are many.
func columnNames(names []string) string {
	const most = 30
	rest := ""
	if len(names) > most {
		rest = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf("%.100q", name)
	}
	return strings.Join(all, ", ") + rest
}
