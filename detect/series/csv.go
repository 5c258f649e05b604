// Series and labels from files.

package series

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CSVOptions are the options of OpenCSV.
type CSVOptions struct {
	// Time is the name of the column of times; "" means that points are equally far
	// apart. Times are as in RFC 3339, or as 2006-01-02 15:04:05 with or without
	// fractions, or dates, or seconds since 1970.
	Time string
	// Value is the name of the column of values. It may be "" if there is only one column
	// besides the times.
	Value string
	// Layout is that of the times, as in time.Parse, if it is another.
	Layout string
	// Irregular and MaxGap are those of Options.
	Irregular Irregular
	MaxGap    time.Duration
}

// OpenCSV reads a series from the CSV file at path. See ReadCSV.
func OpenCSV(path string, o CSVOptions) (*Series, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	defer f.Close()
	return ReadCSV(f, path, o)
}

// ReadCSV reads a series from r; name is used in errors, which name the line and the
// column. The first line has the names of the columns.
func ReadCSV(r io.Reader, name string, o CSVOptions) (*Series, error) {
	if r == nil {
		return nil, fmt.Errorf("series: %s: no reader", name)
	}
	lines := csv.NewReader(r)
	lines.TrimLeadingSpace = true
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("series: %s is empty", name)
	}
	if err != nil {
		return nil, fmt.Errorf("series: %s: %w", name, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	timeAt, valueAt, err := o.columns(header)
	if err != nil {
		return nil, fmt.Errorf("series: %s: %w", name, err)
	}
	var values []float64
	s := Options{File: name, Irregular: o.Irregular, MaxGap: o.MaxGap}
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("series: %s: %w", name, err)
		}
		line, _ := lines.FieldPos(valueAt)
		v, err := strconv.ParseFloat(strings.TrimSpace(fields[valueAt]), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("series: %s: line %d, column %q: %.100q is not a finite number: leave the row out, or fill it in", name, line, header[valueAt], fields[valueAt])
		}
		values = append(values, v)
		if timeAt < 0 {
			continue
		}
		t, err := parseTime(strings.TrimSpace(fields[timeAt]), o.Layout)
		if err != nil {
			return nil, fmt.Errorf("series: %s: line %d, column %q: %w", name, line, header[timeAt], err)
		}
		s.Times = append(s.Times, t)
	}
	return New(values, s)
}

// columns are the places of the times, -1 without, and of the values.
func (o CSVOptions) columns(header []string) (timeAt, valueAt int, err error) {
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	if timeAt = -1; o.Time != "" {
		if timeAt = slices.Index(header, o.Time); timeAt < 0 {
			return 0, 0, fmt.Errorf("there is no column %q of times; the columns are %q", o.Time, header)
		}
	}
	if o.Value != "" {
		if valueAt = slices.Index(header, o.Value); valueAt < 0 {
			return 0, 0, fmt.Errorf("there is no column %q of values; the columns are %q", o.Value, header)
		}
		return timeAt, valueAt, nil
	}
	rest := len(header)
	if timeAt >= 0 {
		rest--
	}
	if rest != 1 {
		return 0, 0, fmt.Errorf("the columns are %q: name that of the values", header)
	}
	if timeAt == 0 {
		return timeAt, 1, nil
	}
	return timeAt, 0, nil
}

// layouts of times that are read without a Layout.
func layouts() []string {
	return []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", time.DateOnly}
}

func parseTime(text, layout string) (time.Time, error) {
	if layout != "" {
		t, err := time.Parse(layout, text)
		if err != nil {
			return t, fmt.Errorf("%.100q is not a time of the layout %q", text, layout)
		}
		return t, nil
	}
	for _, l := range layouts() {
		if t, err := time.Parse(l, text); err == nil {
			return t, nil
		}
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(seconds) < 1e11 {
		whole, part := math.Modf(seconds)
		return time.Unix(int64(whole), int64(part*1e9)).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%.100q is not a time: give the layout, as for 2 January 2006 15:04:05", text)
}

// Interval is a stretch of time, with both ends.
type Interval struct{ From, To time.Time }

// OpenLabels reads the intervals of anomalies from a JSON file. It is a list of pairs of
// times, or, as in NAB's combined_windows.json, an object that has such a list for each
// file; key is then the file's name, such as "realKnownCause/nyc_taxi.csv", or its end if
// there is only one such.
func OpenLabels(path, key string) ([]Interval, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("series: labels: %w", err)
	}
	intervals, err := ParseLabels(raw, key)
	if err != nil {
		return nil, fmt.Errorf("series: labels: %s: %w", path, err)
	}
	return intervals, nil
}

// ParseLabels is OpenLabels for the bytes of a file.
func ParseLabels(raw []byte, key string) ([]Interval, error) {
	var pairs [][]string
	if json.Unmarshal(raw, &pairs) != nil {
		var byFile map[string][][]string
		if err := json.Unmarshal(raw, &byFile); err != nil {
			return nil, fmt.Errorf("want a list of pairs of times, or an object with such a list for each file: %w", err)
		}
		var names []string
		for name := range byFile {
			if name == key {
				names = []string{name}
				break
			}
			if key != "" && strings.HasSuffix(name, "/"+key) {
				names = append(names, name)
			}
		}
		if len(names) != 1 {
			return nil, fmt.Errorf("%d of its %d entries are for %q: name one", len(names), len(byFile), key)
		}
		pairs = byFile[names[0]]
	}
	intervals := make([]Interval, 0, len(pairs))
	for i, p := range pairs {
		if len(p) != 2 {
			return nil, fmt.Errorf("interval %d has %d times, want 2", i+1, len(p))
		}
		from, err := parseTime(p[0], "")
		if err != nil {
			return nil, fmt.Errorf("interval %d: %w", i+1, err)
		}
		to, err := parseTime(p[1], "")
		if err != nil {
			return nil, fmt.Errorf("interval %d: %w", i+1, err)
		}
		if to.Before(from) {
			return nil, fmt.Errorf("interval %d ends at %s, before it begins at %s", i+1, p[1], p[0])
		}
		intervals = append(intervals, Interval{from, to})
	}
	return intervals, nil
}

// Within reports which points of a series are in one of the intervals.
func (s *Series) Within(intervals []Interval) ([]bool, error) {
	if s == nil || s.times == nil {
		return nil, errors.New("series: labels: the points have no times to look for in the intervals")
	}
	in := make([]bool, s.Len())
	for i, t := range s.times {
		for _, v := range intervals {
			in[i] = in[i] || !t.Before(v.From) && !t.After(v.To)
		}
	}
	return in, nil
}
