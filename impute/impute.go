// Package impute fills the missing values of tables.
//
//	frame, err := data.OpenCSV("table.csv", data.CSVOptions{})
//	holed, err := impute.FromFrame(frame)
//	imputer, err := impute.MIWAE{Options: impute.Options{Backend: cpu.Config{}}}.Fit(ctx, holed)
//	filled, err := imputer.Impute(ctx, holed)      // one value for each that is missing: what is expected
//	drawn, err := imputer.Draw(ctx, holed, 1)      // one of the tables that are plausible, for multiple imputation
//
// The methods are the mean, the nearest neighbours, a normal distribution fitted by
// expectation maximisation, a denoising autoencoder and an importance-weighted one
// (MIWAE). All assume that values are missing at random: whether a value is missing may
// depend on the values that are known, but not on itself. Only draws carry the
// uncertainty on: a statistic of an imputed table is too sure of itself, and the mean of
// the statistic over several draws is not (Rubin 1987).
package impute

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stheno-ml/stheno/data"
)

// Method fits an Imputer to a table with missing values.
type Method interface {
	Fit(ctx context.Context, t Table) (Imputer, error)
}

// Imputer fills the missing values of tables with the columns of the one it was fitted
// to. The table given is not changed, and its known values are those of the result.
type Imputer interface {
	// Impute fills each missing number with its expectation, and each missing category
	// with the most probable.
	Impute(ctx context.Context, t Table) (Table, error)
	// Draw fills them with a draw of what they might be. The same seed draws the same.
	Draw(ctx context.Context, t Table, seed uint64) (Table, error)
}

// Table is rows of numbers.
type Table struct {
	// Columns is the number of values of a row.
	Columns int
	// Values are the rows one after the other, [N, Columns]; NaN where a value is missing.
	Values []float64
	// Blocks are columns of which one is 1 and the others are 0: a category. They are
	// missing together.
	Blocks []data.Block
	// Names are the names of the columns, for messages; nil means c1, c2 and so on.
	Names []string
}

// FromFrame returns the numbers and the categories of a table that was read from a file.
func FromFrame(f *data.Frame) (Table, error) {
	t := Table{Columns: f.Schema.Width(), Blocks: f.Schema.Blocks(), Names: f.Schema.Names()}
	at := map[string]int{}
	for i, field := range f.Fields() {
		at[field.Name] = i
	}
	sample := data.NewSample(f)
	for i := range f.Len() {
		if err := f.Read(i, sample); err != nil {
			return Table{}, err
		}
		x, known := sample[at["x"]], sample[at["mask"]]
		for j, v := range x {
			if known[j] == 0 {
				t.Values = append(t.Values, math.NaN())
				continue
			}
			t.Values = append(t.Values, float64(v))
		}
	}
	return t, nil
}

// Rows is the number of rows.
func (t Table) Rows() int {
	if t.Columns < 1 {
		return 0
	}
	return len(t.Values) / t.Columns
}

// Row is row i, in place.
func (t Table) Row(i int) []float64 { return t.Values[i*t.Columns : (i+1)*t.Columns] }

// Missing is the number of missing values.
func (t Table) Missing() int {
	n := 0
	for _, v := range t.Values {
		if math.IsNaN(v) {
			n++
		}
	}
	return n
}

// name is what a column is called in messages.
func (t Table) name(j int) string {
	if j < len(t.Names) {
		return fmt.Sprintf("%q", t.Names[j])
	}
	return fmt.Sprintf("c%d", j+1)
}

// check returns an error if the values are not rows of numbers.
func (t Table) check() error {
	if t.Columns < 1 || len(t.Values) == 0 || len(t.Values)%t.Columns != 0 {
		return fmt.Errorf("impute: %d values are not whole rows of %d columns", len(t.Values), t.Columns)
	}
	for i, v := range t.Values {
		if math.IsInf(v, 0) {
			return fmt.Errorf("impute: row %d, column %s is infinite: leave it out, as NaN, or replace it", i/t.Columns+1, t.name(i%t.Columns))
		}
	}
	for _, b := range t.Blocks {
		if b.From < 0 || b.To > t.Columns || b.From >= b.To {
			return fmt.Errorf("impute: the category %q has the columns %d to %d of %d", b.Column, b.From, b.To, t.Columns)
		}
		for i := range t.Rows() {
			block := t.Row(i)[b.From:b.To]
			if missing := slices.ContainsFunc(block, math.IsNaN); missing && !all(block, math.IsNaN) {
				return fmt.Errorf("impute: row %d has a part of the category %q: its columns are known or missing together", i+1, b.Column)
			}
		}
	}
	return nil
}

// fittable is check for a table to fit to: each column needs a known value.
func (t Table) fittable() error {
	if err := t.check(); err != nil {
		return err
	}
	for j := range t.Columns {
		known := false
		for i := 0; i < t.Rows() && !known; i++ {
			known = !math.IsNaN(t.Row(i)[j])
		}
		if !known {
			return fmt.Errorf("impute: column %s has no known value: drop it", t.name(j))
		}
	}
	return nil
}

// like is check for a table to fill, which must have the columns of the one fitted to.
func (t Table) like(columns int) error {
	if t.Columns != columns {
		return fmt.Errorf("impute: the table has %d columns, and the one that was fitted to has %d", t.Columns, columns)
	}
	return t.check()
}

// filled returns the table with guesses [N, Columns] where values are missing. Of a
// category, pick chooses one by the guesses of its columns.
func (t Table) filled(guesses []float64, pick func(row int, shares []float64) int) Table {
	out := t
	out.Values = slices.Clone(t.Values)
	for i, v := range out.Values {
		if math.IsNaN(v) {
			out.Values[i] = guesses[i]
		}
	}
	for i := range t.Rows() {
		for _, b := range t.Blocks {
			if !math.IsNaN(t.Row(i)[b.From]) {
				continue
			}
			block := out.Row(i)[b.From:b.To]
			chosen := pick(i, block)
			clear(block)
			block[chosen] = 1
		}
	}
	return out
}

// greatest is the most probable category.
func greatest(_ int, shares []float64) int {
	at := 0
	for k, v := range shares {
		if v > shares[at] {
			at = k
		}
	}
	return at
}

// byShares draws a category in each row. Shares need not sum to 1; one below 0 counts as 0.
func byShares(seed uint64) func(row int, shares []float64) int {
	return func(row int, shares []float64) int {
		sum := 0.0
		for _, v := range shares {
			sum += max(0, v)
		}
		if sum == 0 {
			return greatest(row, shares)
		}
		at := random(seed, row).Float64() * sum
		for k, v := range shares {
			if at -= max(0, v); at < 0 {
				return k
			}
		}
		return greatest(row, shares)
	}
}

// random is the source of random numbers for a row.
func random(seed uint64, row int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(row)+1)) }

func all(values []float64, is func(float64) bool) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return !is(v) })
}
