// Texts in a column of a table.

package data

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// OpenTextColumn reads the texts of a column of the csv file at path, which may be a gzip. See ReadTextColumn.
func OpenTextColumn(path, column string) ([]string, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadTextColumn(f, path, column)
}

// ReadTextColumn reads the texts of a column of comma-separated values in UTF-8, plain or a gzip, up to its end; name is
// used in errors. The first row has the names of the columns; column may be "" if there is one only. Spaces around a text
// do not count, and empty texts are left out.
func ReadTextColumn(r io.Reader, name, column string) ([]string, error) {
	lines, err := ReadLines(r, name)
	if err != nil {
		return nil, err
	}
	table := csv.NewReader(strings.NewReader(strings.Join(lines, "\n")))
	table.TrimLeadingSpace = true
	header, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: there is no row with the names of the columns: %w", name, cut(err))
	}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	at := slices.Index(header, column)
	if column == "" && len(header) == 1 {
		at = 0
	}
	if at < 0 {
		return nil, fmt.Errorf("%s: which column has the texts? there is no %q among %s", name, column, columnNames(header))
	}
	var texts []string
	for {
		row, err := table.Read()
		if err == io.EOF {
			return texts, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if text := strings.TrimSpace(row[at]); text != "" {
			texts = append(texts, text)
		}
	}
}
