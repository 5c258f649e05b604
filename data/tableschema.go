// Reading a table of text by a schema: one that is made of it, or that of another table.

package data

import (
	"fmt"
	"slices"
)

// first reads a table whose schema is not known.
func (t *textTable) first(o fitOptions, declared []Column) (Schema, *Frame, error) {
	schema, err := t.fit(o, declared)
	if err != nil {
		return schema, nil, err
	}
	codecs, labelled := make([]*codec, len(schema.Columns)), false
	place := 0
	for k, c := range schema.Columns {
		switch {
		case c.Kind == LabelColumn:
			codecs[k], labelled = t.codec(c, -1), true
		case c.width() > 0:
			codecs[k] = t.codec(c, place)
			place++
		}
	}
	f, err := t.frame(schema, codecs, labelled)
	if err != nil {
		return schema, nil, err
	}
	if err := f.fills(o.fill); err != nil {
		return schema, nil, err
	}
	return f.Schema, f, nil
}

// again reads a table by the schema of another.
func (t *textTable) again(s Schema, unlabelled bool) (*Frame, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: the schema: %w", t.file, err)
	}
	codecs, labelled, err := t.match(s, unlabelled)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.file, err)
	}
	return t.frame(s, codecs, labelled)
}

// match finds the columns of a schema in the table.
func (t *textTable) match(s Schema, unlabelled bool) (codecs []*codec, labelled bool, err error) {
	dropped, has := map[string]bool{}, map[string]bool{}
	for _, c := range s.Columns {
		dropped[c.Name] = c.Kind == DroppedColumn
	}
	for _, name := range t.columns {
		has[name] = true
	}
	codecs = make([]*codec, len(t.columns))
	k, place := 0, 0
	for _, c := range s.Columns {
		if c.Kind == DroppedColumn || c.Kind == LabelColumn && unlabelled && !has[c.Name] {
			continue
		}
		if !has[c.Name] {
			return nil, false, fmt.Errorf("column %q is missing; the columns are %s", c.Name, columnNames(t.columns))
		}
		for k < len(t.columns) && dropped[t.columns[k]] {
			k++
		}
		if k == len(t.columns) || t.columns[k] != c.Name {
			return nil, false, t.unexpected(k, c.Name, s)
		}
		at := -1
		if c.Kind != LabelColumn {
			at, place = place, place+1
		} else {
			labelled = true
		}
		codecs[k] = t.codec(c, at)
		k++
	}
	for ; k < len(t.columns); k++ {
		if !dropped[t.columns[k]] {
			return nil, false, t.unexpected(k, "", s)
		}
	}
	return codecs, labelled, nil
}

// unexpected is the error for column k, where another was wanted.
func (t *textTable) unexpected(k int, want string, s Schema) error {
	if k < len(t.columns) && !slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Name == t.columns[k] }) {
		return fmt.Errorf("column %q is not in the schema: remove it", t.columns[k])
	}
	if k == len(t.columns) {
		return fmt.Errorf("the columns are in another order than in the schema: column %q comes too early", want)
	}
	return fmt.Errorf("the columns are in another order than in the schema: column %d is %q, but %q is wanted", k+1, t.columns[k], want)
}
