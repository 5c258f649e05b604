package impute

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Hide returns a copy of a table of which a share of the known values is missing
// completely at random, to score a method by. Categories are hidden whole.
func Hide(t Table, share float64, seed uint64) (Table, error) {
	if !(share > 0 && share < 1) {
		return Table{}, fmt.Errorf("impute: a share of %g of the values: want one between 0 and 1", share)
	}
	if err := t.check(); err != nil {
		return Table{}, err
	}
	out := t
	out.Values = slices.Clone(t.Values)
	block := make([]int, t.Columns) // the block of a column, counted from 1
	for k, b := range t.Blocks {
		for j := b.From; j < b.To; j++ {
			block[j] = k + 1
		}
	}
	for i := range t.Rows() {
		r := random(seed, i)
		row := out.Row(i)
		for j := range row {
			if block[j] > 0 && j > t.Blocks[block[j]-1].From {
				if math.IsNaN(row[j-1]) {
					row[j] = math.NaN()
				}
				continue
			}
			if r.Float64() < share {
				row[j] = math.NaN()
			}
		}
	}
	return out, nil
}

// RMSE is the root mean square error of the values of a filled table that are missing in
// holed, with each column scaled to [0,1] by the least and the greatest value of full (Yoon
// et al. 2018). MSE is that of standardised columns (Mattei and Frellsen 2019).
func RMSE(full, holed, filled Table) (float64, error) {
	lo, hi := make([]float64, full.Columns), make([]float64, full.Columns)
	for j := range lo {
		lo[j], hi[j] = math.Inf(1), math.Inf(-1)
		for i := range full.Rows() {
			if v := full.Row(i)[j]; !math.IsNaN(v) {
				lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
			}
		}
	}
	mse, err := meanSquare(full, holed, filled, func(j int) float64 { return hi[j] - lo[j] })
	return math.Sqrt(mse), err
}

// MSE is the mean square error of the values of a filled table that are missing in holed,
// in standard deviations of the columns of full.
func MSE(full, holed, filled Table) (float64, error) {
	s := scaleOf(full)
	return meanSquare(full, holed, filled, func(j int) float64 { return s.sd[j] })
}

func meanSquare(full, holed, filled Table, unit func(j int) float64) (float64, error) {
	if len(full.Values) != len(holed.Values) || len(full.Values) != len(filled.Values) || full.Columns != filled.Columns {
		return 0, fmt.Errorf("impute: tables of %d, %d and %d values cannot be compared", len(full.Values), len(holed.Values), len(filled.Values))
	}
	sum, n := 0.0, 0.0
	for i, v := range full.Values {
		if math.IsNaN(v) || !math.IsNaN(holed.Values[i]) {
			continue
		}
		n++
		if u := unit(i % full.Columns); u > 0 {
			d := (filled.Values[i] - v) / u
			sum += d * d
		}
	}
	if n == 0 {
		return 0, fmt.Errorf("impute: no value that is known is missing in the other table: nothing to compare")
	}
	return sum / n, nil
}

// Check hides a share of the known values, fits the method to the rest, and returns the
// root mean square error of filling what was hidden, in standard deviations.
func Check(ctx context.Context, m Method, t Table, share float64, seed uint64) (float64, error) {
	holed, err := Hide(t, share, seed)
	if err != nil {
		return 0, err
	}
	imputer, err := m.Fit(ctx, holed)
	if err != nil {
		return 0, err
	}
	filled, err := imputer.Impute(ctx, holed)
	if err != nil {
		return 0, err
	}
	mse, err := MSE(t, holed, filled)
	return math.Sqrt(mse), err
}
