// Missing cells of a CSV file filled.

package data

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// FillCSV copies the CSV file that r reads to w, and fills its missing cells: in row i with those of x(i) [Width], the
// numbers and categories that the schema describes, such as a model's. All other cells are copied as they are. Columns that
// the schema has not, or that it dropped, are not filled, nor is the label. The separator is found as by ReadCSV.
func FillCSV(w io.Writer, r io.Reader, name string, s *Schema, x func(i int) []float32) error {
	if s == nil {
		return fmt.Errorf("%s: no schema: give that of a Frame", name)
	}
	text, err := readText(r)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	file := &csvFile{name: name, text: text, noHeader: s.NoHeader}
	columns, err := file.open()
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = file.comma
	if !file.noHeader {
		header, err := file.reader(file.comma).Read()
		if err != nil {
			return file.wrong(err)
		}
		if err := out.Write(header); err != nil {
			return err
		}
	}
	missing := isMissing(s.Missing)
	i := 0
	err = file.rows(func(_ int, _ []int, texts []string) error {
		var cells []Cell
		for k, text := range texts {
			if !missing(text) {
				continue
			}
			if cells == nil {
				if cells, err = s.Row(x(i), nil); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			at := slices.IndexFunc(cells, func(c Cell) bool { return c.Column == columns[k] })
			if at < 0 {
				continue
			}
			if texts[k] = cells[at].Text; s.DecimalComma {
				texts[k] = strings.Replace(texts[k], ".", ",", 1)
			}
		}
		i++
		return out.Write(texts)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
