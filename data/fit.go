// Finding out what the columns of a table are: kinds, categories, and fills.

package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fitOptions are the options of CSVOptions and ARFFOptions by which a schema is made.
type fitOptions struct {
	kinds         map[string]ColumnKind
	label         string
	drop          []string
	fill          Fill
	fillValue     float32
	maxCategories int
	other         bool
}

// fit makes a schema of the table; declared are columns that the file itself describes, as ARFF does, or nil.
func (t *textTable) fit(o fitOptions, declared []Column) (Schema, error) {
	s := Schema{Columns: declared}
	if declared == nil {
		for _, name := range t.columns {
			s.Columns = append(s.Columns, Column{Name: name})
		}
	}
	if err := o.apply(s.Columns, t.columns); err != nil {
		return s, fmt.Errorf("%s: %w", t.file, err)
	}
	if err := t.findKinds(s.Columns); err != nil {
		return s, err
	}
	if err := t.findCategories(s.Columns, o.maxCategories); err != nil {
		return s, err
	}
	for k := range s.Columns {
		c := &s.Columns[k]
		c.Required = o.fill == FillError && (c.Kind == NumberColumn || c.Kind == CategoryColumn)
		c.Other = o.other && c.Kind == CategoryColumn
		if c.Kind == NumberColumn && o.fill == FillConstant {
			c.Fill = o.fillValue
		}
	}
	if err := s.check(); err != nil {
		return s, fmt.Errorf("%s: %w", t.file, err)
	}
	return s, nil
}

// apply writes the kinds that the options give into the columns.
func (o fitOptions) apply(columns []Column, names []string) error {
	kinds := map[string]ColumnKind{}
	for name, kind := range o.kinds {
		kinds[name] = kind
	}
	for _, name := range o.drop {
		kinds[name] = DroppedColumn
	}
	if o.label != "" {
		kinds[o.label] = LabelColumn
	}
	for k := range columns {
		if kind, ok := kinds[names[k]]; ok {
			if columns[k].Kind = kind; kind == DroppedColumn {
				columns[k].Categories = nil
			}
			delete(kinds, names[k])
		}
	}
	if len(kinds) > 0 {
		return fmt.Errorf("no column %q; the columns are %s", slices.Min(slices.Collect(maps.Keys(kinds))), columnNames(names))
	}
	switch o.fill {
	case "", FillMean, FillMedian, FillConstant, FillError:
		return nil
	}
	return fmt.Errorf("fill %q: the fills are %q, %q, %q and %q", o.fill, FillMean, FillMedian, FillConstant, FillError)
}

// findKinds decides columns whose kind is not known: a number column has only numbers, except for missing values.
func (t *textTable) findKinds(columns []Column) error {
	unknown, text, known := make([]bool, len(columns)), make([]bool, len(columns)), make([]bool, len(columns))
	for k, c := range columns {
		unknown[k] = c.Kind == ""
	}
	if !slices.Contains(unknown, true) {
		return nil
	}
	err := t.rows(func(_ int, at []int, texts []string) error {
		for k, s := range texts {
			if at != nil {
				k = at[k]
			}
			if !unknown[k] || text[k] || t.missing(s) {
				continue
			}
			known[k] = true
			if _, ok := t.number(s); !ok {
				text[k] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k := range columns {
		switch {
		case !unknown[k]:
		case !known[k]:
			return fmt.Errorf("%s: column %.100q has no values: put it into Drop", t.file, t.columns[k])
		case text[k]:
			columns[k].Kind = CategoryColumn
		default:
			columns[k].Kind = NumberColumn
		}
	}
	return nil
}

// findCategories lists the categories of columns that have none yet, sorted.
func (t *textTable) findCategories(columns []Column, most int) error {
	if most == 0 {
		most = 1000
	}
	found := make([]map[string]bool, len(columns))
	wanted := false
	for k, c := range columns {
		if (c.Kind == CategoryColumn || c.Kind == LabelColumn) && c.Categories == nil {
			found[k], wanted = map[string]bool{}, true
		}
	}
	if !wanted {
		return nil
	}
	err := t.rows(func(line int, at []int, texts []string) error {
		for k, s := range texts {
			if at != nil {
				k = at[k]
			}
			if found[k] == nil || t.missing(s) || found[k][s] {
				continue
			}
			if len(found[k]) >= most {
				return t.wrong(line, k, "more than %d different texts: put the column into Drop, or raise MaxCategories", most)
			}
			found[k][strings.Clone(s)] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k := range columns {
		if found[k] == nil {
			continue
		}
		if len(found[k]) == 0 {
			return fmt.Errorf("%s: column %.100q has no values: put it into Drop", t.file, t.columns[k])
		}
		columns[k].Categories = t.sorted(found[k])
	}
	return nil
}

// sorted lists texts in order: by value if all are numbers, else by their bytes.
func (t *textTable) sorted(texts map[string]bool) []string {
	list := make([]string, 0, len(texts))
	value := map[string]float32{}
	for s := range texts {
		list = append(list, s)
		if v, err := t.finite(s); err == nil {
			value[s] = v
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(value) == len(list) && value[a] != value[b] {
			if value[a] < value[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return list
}
