// Reading CSV files as frames.

package data

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// CSVOptions are the options of OpenCSV. The zero value reads a file with a header: numbers are numbers, and texts are
// categories.
type CSVOptions struct {
	// Comma separates the values of a row; 0: comma, semicolon or tab, whichever gives the first rows most values, the same
	// number in each.
	Comma rune
	// NoHeader means that the first line is a row. Columns are then called c1, c2 and so on.
	NoHeader bool
	// DecimalComma means that numbers are written as 3,14.
	DecimalComma bool
	// Label is the name of the column of classes, which may be texts or numbers; "": none.
	Label string
	// Drop are the names of columns to leave out.
	Drop []string
	// Kinds force the kinds of columns, by their names. Other columns are number columns if all their values are numbers,
	// and else category columns.
	Kinds map[string]ColumnKind
	// Missing are the texts that mean that a value is missing; nil: nothing, ?, NA, N/A, n/a, #N/A, <NA>, NaN, nan, NULL and
	// null.
	Missing []string
	// Fill says what x is where a number is missing; "": FillMean. Means and medians are those of the known values.
	Fill      Fill
	FillValue float32
	// MaxCategories is the largest number of categories of a column; 0: 1000.
	MaxCategories int
	// Other adds a category at the end of each category column, for categories that other files have and this one has not.
	// Without it they are errors.
	Other bool

	// Schema, if set, is that of the frame of another file, such as the training set. The file is then read in the same way,
	// and must have the same columns in the same order, except that columns that were dropped may be absent. All
	// options above must be left out, except Comma.
	Schema *Schema
	// Unlabelled, with Schema, means that the file may be without the label column. There is then no field "label".
	Unlabelled bool
}

// OpenCSV reads the CSV file at path. See ReadCSV.
func OpenCSV(path string, opts CSVOptions) (*Frame, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadCSV(f, path, opts)
}

// ReadCSV reads a CSV file from r, up to its end, as a set of rows; name is used in errors. The file is text in UTF-8, with
// or without a byte order mark; lines end with LF or CRLF; values may be quoted, and a quote within quotes is doubled.
// Spaces around values and empty lines do not count. Errors name the line and the column.
//
// Categories are sorted: by value if all are numbers, else by their bytes. So are the classes of the label.
func ReadCSV(r io.Reader, name string, opts CSVOptions) (*Frame, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	if err := opts.conflict(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	text, err := readText(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	file := &csvFile{name: name, text: text, comma: opts.Comma, noHeader: opts.NoHeader}
	missing, decimalComma := opts.Missing, opts.DecimalComma
	if s := opts.Schema; s != nil {
		file.noHeader, missing, decimalComma = s.NoHeader, s.Missing, s.DecimalComma
	}
	columns, err := file.open()
	if err != nil {
		return nil, err
	}
	table := &textTable{file: name, columns: columns, rows: file.rows, missing: isMissing(missing), comma: decimalComma,
		hint: "make it a category column by Kinds, or list the text in Missing"}
	if opts.Schema != nil {
		return table.again(*opts.Schema, opts.Unlabelled)
	}
	schema, f, err := table.first(fitOptions{
		kinds: opts.Kinds, label: opts.Label, drop: opts.Drop, fill: opts.Fill, fillValue: opts.FillValue,
		maxCategories: opts.MaxCategories, other: opts.Other,
	}, nil)
	if err != nil {
		return nil, err
	}
	schema.Missing, schema.NoHeader, schema.DecimalComma = slices.Clone(missing), opts.NoHeader, decimalComma
	f.Schema = schema
	return f, nil
}

// conflict is an error if there are a schema and options that it replaces.
func (o CSVOptions) conflict() error {
	if o.Schema == nil {
		if o.Unlabelled {
			return errors.New("option Unlabelled is set without a Schema")
		}
		return nil
	}
	if o.NoHeader || o.DecimalComma || o.Label != "" || o.Drop != nil || o.Kinds != nil || o.Missing != nil || o.Fill != "" ||
		o.FillValue != 0 || o.MaxCategories != 0 || o.Other {
		return errors.New("options besides Schema are set: the schema says how to read the file, only Comma and Unlabelled may be set too")
	}
	return nil
}

// isMissing tells whether a text means that a value is missing.
func isMissing(texts []string) func(string) bool {
	if texts == nil {
		texts = []string{"", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null"}
	}
	set := map[string]bool{}
	for _, s := range texts {
		set[strings.TrimSpace(s)] = true
	}
	return func(s string) bool { return set[s] }
}
