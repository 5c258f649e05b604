// Why a row is strange: the share of each column.

package detect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Part is what a column adds to the score of a row.
type Part struct {
	Column string
	// Share is the part of the score that comes from the column, from 0 to 1. Those of
	// all columns add up to 1, or are all 0.
	Share float64
	// Value is the value in the row: a number, or the category. It is "" if it is missing.
	Value string
	// Expected is what the model expects instead: a number in the data's units, or the
	// most likely category.
	Expected string
	// Direction is 1 if the value is above the expected one, -1 if it is below, and 0 for
	// categories, missing values and values as expected.
	Direction int
}

// String says it in words, such as "amount 950, far above 20.5 (61 %)".
func (p Part) String() string {
	value, word := p.Value, "instead of"
	if value == "" {
		return fmt.Sprintf("%s is missing", p.Column)
	}
	switch p.Direction {
	case 1:
		word = "above"
	case -1:
		word = "below"
	}
	if p.Value == p.Expected {
		return fmt.Sprintf("%s %s (%.0f %%)", p.Column, value, 100*p.Share)
	}
	return fmt.Sprintf("%s %s, %s %s (%.0f %%)", p.Column, value, word, p.Expected, 100*p.Share)
}

// Strongest returns the parts with the greatest shares, at most n, the greatest first.
func Strongest(parts []Part, n int) []Part {
	sorted := slices.Clone(parts)
	slices.SortStableFunc(sorted, func(a, b Part) int { return cmp.Compare(b.Share, a.Share) })
	sorted = sorted[:min(max(n, 0), len(sorted))]
	return slices.DeleteFunc(sorted, func(p Part) bool { return p.Share == 0 })
}

// explain returns the parts of a row from the amount that each of its values adds to the
// score, and the expected values, both on the scale [width].
func (s *scale) explain(t *Table, row int, of func(*rows) (amount, expected []float64)) ([]Part, error) {
	one, err := t.only(row)
	if err != nil {
		return nil, err
	}
	r, err := s.apply(one)
	if err != nil {
		return nil, err
	}
	amount, expected := of(r)
	total := 0.0
	for j, a := range amount {
		if r.missing != nil && r.missing[j] || !(a > 0) {
			amount[j] = 0
		}
		amount[j] = min(amount[j], math.MaxFloat64/float64(2*len(amount)))
		total += amount[j]
	}
	parts := make([]Part, len(s.columns))
	for k, c := range s.columns {
		from, to := s.from[k], s.from[k+1]
		p := &parts[k]
		p.Column = c.Name
		if total > 0 {
			for _, a := range amount[from:to] {
				p.Share += a / total
			}
		}
		raw, want := one.x[from:to], make([]float64, to-from)
		for j := range want {
			want[j] = expected[from+j]*s.width[from+j] + s.centre[from+j]
		}
		p.Value, p.Expected, p.Direction = c.compare(raw, want)
	}
	return parts, nil
}

// compare puts a value and the expected one in words.
func (c Column) compare(value []float32, want []float64) (have, expected string, direction int) {
	if c.Categories != nil {
		likely := 0
		for k, w := range want {
			if w > want[likely] {
				likely = k
			}
			if value[k] == 1 {
				have = c.Categories[k]
			}
		}
		return have, c.Categories[likely], 0
	}
	expected = strconv.FormatFloat(want[0], 'g', 4, 64)
	if v := float64(value[0]); !math.IsNaN(v) {
		have, direction = strconv.FormatFloat(v, 'g', 6, 32), cmp.Compare(v, want[0])
	}
	return have, expected, direction
}

// only is a table of one row of t.
func (t *Table) only(row int) (*Table, error) {
	if t == nil || row < 0 || row >= t.n {
		return nil, fmt.Errorf("detect: no row %d in a table of %d rows, which are counted from 0", row, t.Len())
	}
	return &Table{file: t.file, columns: t.columns, from: t.from, shared: t.shared, n: 1, x: t.row(row)}, nil
}

// prepared returns the scale of a table of at least so many rows, and its rows on it.
func prepared(ctx context.Context, t *Table, least int) (*scale, *rows, error) {
	if err := checked(ctx, t, least); err != nil {
		return nil, nil, err
	}
	return scaled(t, false)
}

// scaled is the scale of a table, and its rows on it.
func scaled(t *Table, oneHot bool) (*scale, *rows, error) {
	s, err := fitScale(t, oneHot)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.apply(t)
	return s, r, err
}

// noNets is Close of a model without compiled nets.
type noNets struct{}

func (noNets) Close() error { return nil }
