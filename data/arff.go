// Reading ARFF files, the tables of Weka, as frames.

package data

import (
	"fmt"
	"io"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// ARFFOptions are the options of OpenARFF. They mean the same as those of CSVOptions.
type ARFFOptions struct {
	Label         string   // the attribute of classes
	Drop          []string // attributes to leave out
	Fill          Fill
	FillValue     float32
	MaxCategories int  // of a numeric attribute that is the label
	Other         bool // a category more in each nominal attribute
	Schema        *Schema
	Unlabelled    bool
}

// OpenARFF reads the ARFF file at path. See ReadARFF.
func OpenARFF(path string, opts ARFFOptions) (*Frame, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadARFF(f, path, opts)
}

// ReadARFF reads an ARFF file from r, up to its end, as a set of rows; name is used in errors, which name the line and the
// attribute. Numeric, real and integer attributes are numbers; nominal ones are categories in the order of the file.
// Attributes of other types (string, date, relational) must be dropped. A value ? is missing, and rows may be sparse,
// as {3 1.5, 7 red}: the numbers that are left out are 0, and the categories the first. Weights of rows are errors.
//
// The format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
func ReadARFF(r io.Reader, name string, opts ARFFOptions) (*Frame, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	as := CSVOptions{Label: opts.Label, Drop: opts.Drop, Fill: opts.Fill, FillValue: opts.FillValue, MaxCategories: opts.MaxCategories,
		Other: opts.Other, Schema: opts.Schema, Unlabelled: opts.Unlabelled}
	if err := as.conflict(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	text, err := readText(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	file := &arffFile{name: name}
	if err := file.header(string(text)); err != nil {
		return nil, err
	}
	table := &textTable{file: name, rows: file.rows, missing: func(s string) bool { return s == arffMissing }, hint: "its attribute is numeric"}
	declared := make([]Column, len(file.attributes))
	for k, a := range file.attributes {
		declared[k] = a.Column
		table.columns = append(table.columns, a.Name)
	}
	if opts.Schema != nil {
		return table.again(*opts.Schema, opts.Unlabelled)
	}
	dropped := map[string]bool{}
	for _, name := range opts.Drop {
		dropped[name] = true
	}
	for _, a := range file.attributes {
		if a.Kind == "" && !dropped[a.Name] {
			return nil, fmt.Errorf("%s: line %d: attribute %.100q is of type %.100q, which cannot be read: put it into Drop", name, a.line, a.Name, a.kind)
		}
	}
	_, f, err := table.first(fitOptions{label: opts.Label, drop: opts.Drop, fill: opts.Fill, fillValue: opts.FillValue,
		maxCategories: opts.MaxCategories, other: opts.Other}, declared)
	return f, err
}

// arffMissing is the text of a value that is missing; a quoted ? is a category.
const arffMissing = "\x00"

// An arffFile is an ARFF file with its header read.
type arffFile struct {
	name       string
	attributes []arffAttribute
	data       string // the lines of the rows
	line       int    // number of the first of them
}

type arffAttribute struct {
	Column
	line int
	kind string // as the file says
}

// lines calls f for each line that is neither empty nor a comment, numbered from first, until f returns false; rest is
// what follows that line.
func arffLines(text string, first int, f func(line int, text string) (more bool, err error)) (rest string, last int, err error) {
	for line := first; text != ""; line++ {
		var s string
		s, text, _ = strings.Cut(text, "\n")
		if s = strings.TrimSpace(s); s == "" || s[0] == '%' {
			continue
		}
		if more, err := f(line, s); err != nil || !more {
			return text, line, err
		}
	}
	return "", 0, nil
}

// header reads everything before the rows.
func (a *arffFile) header(text string) error {
	found := false
	seen := map[string]bool{}
	var err error
	a.data, a.line, err = arffLines(text, 1, func(line int, s string) (bool, error) {
		word, rest := s, ""
		if i := strings.IndexAny(s, " \t"); i >= 0 {
			word, rest = s[:i], s[i:]
		}
		switch strings.ToLower(word) {
		case "@relation":
			return true, nil
		case "@data":
			found = true
			return false, nil
		case "@attribute":
			at, err := arffDeclared(rest)
			if err != nil {
				return false, fmt.Errorf("%s: line %d: %w", a.name, line, err)
			}
			if seen[at.Name] {
				return false, fmt.Errorf("%s: line %d: there are two attributes %.100q", a.name, line, at.Name)
			}
			seen[at.Name], at.line = true, line
			a.attributes = append(a.attributes, at)
			return true, nil
		}
		return false, fmt.Errorf("%s: line %d: %.100q, where @relation, @attribute or @data is wanted: is it an ARFF file?", a.name, line, word)
	})
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("%s: there is no line @data", a.name)
	case len(a.attributes) == 0:
		return fmt.Errorf("%s: there are no attributes", a.name)
	}
	a.line++
	return nil
}

// arffDeclared reads the name and the type of an attribute.
func arffDeclared(text string) (a arffAttribute, err error) {
	name, _, rest, err := arffToken(text)
	if err != nil {
		return a, err
	}
	a.Name = name
	rest = strings.TrimSpace(rest)
	if list, ok := strings.CutPrefix(rest, "{"); ok {
		a.Kind, a.kind = CategoryColumn, "nominal"
		for {
			list = strings.TrimLeft(list, " \t")
			if after, ok := strings.CutPrefix(list, "}"); ok {
				if after = strings.TrimSpace(after); after != "" && after[0] != '%' {
					return a, fmt.Errorf("attribute %.100q: %.100q follows its categories", name, after)
				}
				return a, nil
			}
			var category string
			if category, _, list, err = arffToken(list); err != nil {
				return a, fmt.Errorf("attribute %.100q: a list of categories ends in }: %w", name, err)
			}
			a.Categories = append(a.Categories, category)
			list = strings.TrimPrefix(strings.TrimLeft(list, " \t"), ",")
		}
	}
	if a.kind, _, _, err = arffToken(rest); err != nil {
		return a, fmt.Errorf("attribute %.100q has no type", name)
	}
	switch strings.ToLower(a.kind) {
	case "numeric", "real", "integer":
		a.Kind = NumberColumn
	}
	return a, nil
}
