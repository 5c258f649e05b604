package train

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
)

// CSVLog is a callback that writes a table in a text file, for a spreadsheet or
// pandas.read_csv: a line for each epoch and, if asked for, for some steps. The first
// columns are
//
//	after      "epoch" or "step"
//	epoch      counted from 1
//	step       counted from 1, over all epochs
//	seconds    since this process began to train
//	samples/s  of training
//
// The others are losses, metrics, "validation loss" and its like, the scalars that
// schedules set, and what callbacks recorded with Run.Record before. A number that
// appears later gets a new last column. In the lines of steps, validation is empty.
//
// When training is resumed, lines of later steps than the checkpoint's are dropped. A
// training that is not resumed begins the file anew. A line that cannot be written is a
// warning.
type CSVLog struct {
	Base
	// Path is the file. Its folder is created if it does not exist.
	Path string
	// EverySteps, if above 0, adds a line after every so many steps.
	EverySteps int

	file    logFile
	meter   meter
	columns []string
}

// Reports does nothing: see Reporter.
func (*CSVLog) Reports() {}

// Start begins or mends the file.
func (l *CSVLog) Start(r *Run) error {
	l.columns = nil
	l.meter.start()
	return l.file.begin(r, l.Path, func(line []byte) bool {
		fields, err := csv.NewReader(bytes.NewReader(line)).Read()
		switch {
		case err != nil:
			return false
		case l.columns == nil:
			l.columns = fields
			return fields[0] == columnAfter
		}
		row := logRow{after: l.field(fields, columnAfter)}
		row.step, err = strconv.Atoi(l.field(fields, columnStep))
		if err == nil {
			row.epoch, err = strconv.Atoi(l.field(fields, columnEpoch))
		}
		return err == nil && len(fields) == len(l.columns) && row.seenBy(r)
	})
}

func (l *CSVLog) field(fields []string, column string) string {
	if i := slices.Index(l.columns, column); i >= 0 && i < len(fields) {
		return fields[i]
	}
	return ""
}

// Step writes a line where one is due.
func (l *CSVLog) Step(r *Run) error {
	l.meter.count(r)
	if l.EverySteps > 0 && r.Steps%l.EverySteps == 0 {
		l.write(r, l.meter.stepRow(r))
	}
	return nil
}

// Epoch writes a line.
func (l *CSVLog) Epoch(r *Run) error {
	l.write(r, l.meter.epochRow(r))
	return nil
}

// End closes the file.
func (l *CSVLog) End(*Run, error) error { return l.file.close() }

// write writes a row, and before it the header if it lacks a column.
func (l *CSVLog) write(r *Run, row logRow) {
	if r.DryRun() {
		return
	}
	columns := slices.Clone(l.columns)
	if len(columns) == 0 {
		columns = []string{columnAfter, columnEpoch, columnStep}
	}
	for _, n := range row.numbers {
		if !slices.Contains(columns, n.name) {
			columns = append(columns, n.name)
		}
	}
	if len(columns) > len(l.columns) {
		if err := l.widen(columns); err != nil {
			l.file.report(r, err)
			return
		}
	}
	fields := make([]string, len(columns))
	fields[0], fields[1], fields[2] = row.after, fmt.Sprint(row.epoch), fmt.Sprint(row.step)
	for _, n := range row.numbers {
		fields[slices.Index(columns, n.name)] = strconv.FormatFloat(n.value, 'g', -1, 64)
	}
	line, err := csvLines([][]string{fields})
	if err != nil {
		l.file.report(r, err)
		return
	}
	l.file.write(r, line)
}

// widen gives all lines more columns.
func (l *CSVLog) widen(columns []string) error {
	content, err := l.file.content()
	if err != nil {
		return err
	}
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		lines = [][]string{nil}
	}
	lines[0] = columns
	for i, fields := range lines {
		lines[i] = append(fields, make([]string, len(columns)-len(fields))...)
	}
	content, err = csvLines(lines)
	if err == nil {
		err = l.file.replace(content)
	}
	if err == nil {
		l.columns = columns
	}
	return err
}

// csvLines writes lines in the format.
func csvLines(lines [][]string) ([]byte, error) {
	var b bytes.Buffer
	err := csv.NewWriter(&b).WriteAll(lines)
	return b.Bytes(), err
}
