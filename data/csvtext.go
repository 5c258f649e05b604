// The lines of a CSV file: separators, quotes, and what is not CSV.

package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// readText reads a text file to its end, without a byte order mark.
func readText(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return nil, errors.New("the text is UTF-16: save it as UTF-8")
		}
	}
	head := text[:min(len(text), sniffed)]
	if f, ok := recognise(head); ok && (f.start[0] == '<' || bytes.IndexByte(head, 0) >= 0 || !utf8.ValidString(f.start)) {
		return nil, errors.New("not a table of text: " + f.String())
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, fmt.Errorf("not a table of text: byte %d is 0", i)
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("line %d is not UTF-8: save the file as UTF-8", badLine(text))
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), nil
}

// badLine is the number of the first line that is not UTF-8.
func badLine(text []byte) int {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) {
			return i + 1
		}
	}
	return 0
}

// A csvFile is the text of a CSV file.
type csvFile struct {
	name     string
	text     []byte
	comma    rune
	noHeader bool
	columns  int
}

// open finds the separator, and returns the names of the columns.
func (c *csvFile) open() ([]string, error) {
	if c.comma == 0 {
		c.comma = separator(c.text)
	}
	if c.comma == '"' || c.comma == '\r' || c.comma == '\n' || !utf8.ValidRune(c.comma) || c.comma == utf8.RuneError {
		return nil, fmt.Errorf("%s: a separator %q is not possible", c.name, c.comma)
	}
	first, err := c.reader(c.comma).Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s: the file is empty", c.name)
	}
	if err != nil {
		return nil, c.wrong(err)
	}
	c.columns = len(first)
	names := make([]string, len(first))
	seen := make(map[string]int, len(first))
	for k, text := range first {
		names[k] = strings.TrimSpace(strings.Clone(text))
		if c.noHeader || names[k] == "" {
			names[k] = fmt.Sprint("c", k+1)
		}
		if before, twice := seen[names[k]]; twice {
			return nil, fmt.Errorf("%s: columns %d and %d are both called %.100q: give each a name of its own, or set NoHeader if the first line is a row", c.name, before+1, k+1, names[k])
		}
		seen[names[k]] = k
	}
	return names, nil
}

// reader reads the text from its start.
func (c *csvFile) reader(comma rune) *csv.Reader { return csvReader(c.text, comma) }

func csvReader(text []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	r.TrimLeadingSpace = comma != '\t' && comma != ' '
	return r
}

// rows calls each for every row.
func (c *csvFile) rows(each func(line int, at []int, texts []string) error) error {
	r := c.reader(c.comma)
	for i := 0; ; i++ {
		texts, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return c.wrong(err)
		}
		if i == 0 && !c.noHeader {
			continue
		}
		line, _ := r.FieldPos(0)
		if len(texts) != c.columns {
			return fmt.Errorf("%s: line %d: %d values, but the first line has %d: is the separator %q right?", c.name, line, len(texts), c.columns, c.comma)
		}
		for k, s := range texts {
			texts[k] = strings.TrimSpace(s)
		}
		if err := each(line, nil, texts); err != nil {
			return err
		}
	}
}

// wrong is an error of the reader of lines, with the file and what to do.
func (c *csvFile) wrong(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return fmt.Errorf("%s: line %d, byte %d: %w: a value with quotes is quoted, and the quotes in it are doubled", c.name, at.Line, at.Column, at.Err)
}

// separator is the separator that gives the first rows most values, the same number in each; a comma if none does.
func separator(text []byte) rune {
	const rows = 20
	best, most := ',', 1
	for _, comma := range []rune{',', ';', '\t'} {
		r := csvReader(text, comma)
		columns := 0
		for i := range rows {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			if i == 0 {
				columns = len(row)
			}
			if err != nil || len(row) != columns {
				columns = 0
				break
			}
		}
		if columns > most {
			best, most = comma, columns
		}
	}
	return best
}
