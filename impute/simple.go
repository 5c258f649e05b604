package impute

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"runtime"
)

// Mean fills a missing number with the mean of its column, and a missing category with
// the most frequent. A draw is one of the known values of the column.
type Mean struct{}

// Fit computes the means.
func (Mean) Fit(_ context.Context, t Table) (Imputer, error) {
	if err := t.fittable(); err != nil {
		return nil, err
	}
	m := means{of: scaleOf(t).mean, known: make([][]float64, t.Columns)}
	for i, v := range t.Values {
		if !math.IsNaN(v) {
			m.known[i%t.Columns] = append(m.known[i%t.Columns], v)
		}
	}
	return m, nil
}

type means struct {
	of    []float64
	known [][]float64 // values of each column
}

func (m means) Impute(_ context.Context, t Table) (Table, error) {
	if err := t.like(len(m.of)); err != nil {
		return Table{}, err
	}
	guesses := make([]float64, len(t.Values))
	for i := range guesses {
		guesses[i] = m.of[i%t.Columns]
	}
	return t.filled(guesses, greatest), nil
}

func (m means) Draw(_ context.Context, t Table, seed uint64) (Table, error) {
	if err := t.like(len(m.of)); err != nil {
		return Table{}, err
	}
	guesses := make([]float64, len(t.Values))
	for i := range t.Rows() {
		r := random(seed, i)
		for j, known := range m.known {
			guesses[i*t.Columns+j] = known[r.IntN(len(known))]
		}
		for _, b := range t.Blocks { // drawn by their shares
			copy(guesses[i*t.Columns+b.From:i*t.Columns+b.To], m.of[b.From:b.To])
		}
	}
	return t.filled(guesses, byShares(seed)), nil
}

// Neighbours fills a missing value with the mean of the nearest rows that have it. The
// distance of two rows is the root mean square difference of the standardised values that
// both have (Troyanskaya et al. 2001). A draw is the value of one of them.
type Neighbours struct {
	// K is the number of neighbours; 0 means 10.
	K int
}

// Fit keeps the table.
func (n Neighbours) Fit(_ context.Context, t Table) (Imputer, error) {
	if n.K < 0 {
		return nil, fmt.Errorf("impute: %d neighbours: want at least 1", n.K)
	}
	if err := t.fittable(); err != nil {
		return nil, err
	}
	s := scaleOf(t)
	return neighbours{cmp.Or(n.K, 10), s, s.apply(t), t.Columns}, nil
}

type neighbours struct {
	k       int
	scale   scale
	rows    []float64 // standardised, NaN where missing
	columns int
}

func (n neighbours) Impute(ctx context.Context, t Table) (Table, error) {
	return n.fill(ctx, t, greatest, func(_ int, values []float64) float64 {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum / float64(len(values))
	})
}

func (n neighbours) Draw(ctx context.Context, t Table, seed uint64) (Table, error) {
	return n.fill(ctx, t, byShares(seed), func(row int, values []float64) float64 {
		return values[random(seed, row).IntN(len(values))]
	})
}

// fill combines the values of the neighbours of each row that lacks one.
func (n neighbours) fill(ctx context.Context, t Table, pick func(int, []float64) int, combine func(row int, values []float64) float64) (Table, error) {
	if err := t.like(n.columns); err != nil {
		return Table{}, err
	}
	guesses := n.scale.apply(t)
	err := eachRow(ctx, t.Rows(), func(i int) {
		row := guesses[i*n.columns : (i+1)*n.columns]
		if !slices.ContainsFunc(row, math.IsNaN) {
			return
		}
		order := n.nearest(row)
		filled := slices.Clone(row)
		for j, v := range row {
			if !math.IsNaN(v) {
				continue
			}
			var values []float64
			for _, at := range order {
				if v := n.rows[at*n.columns+j]; !math.IsNaN(v) {
					if values = append(values, v); len(values) == n.k {
						break
					}
				}
			}
			filled[j] = 0 // the mean, if no row has the column and another in common
			if len(values) > 0 {
				filled[j] = combine(i, values)
			}
		}
		copy(row, filled)
	})
	if err != nil {
		return Table{}, err
	}
	return t.filled(n.scale.undo(guesses), pick), nil
}

// nearest lists the rows by their distance from one; those without a common value are
// left out.
func (n neighbours) nearest(row []float64) []int {
	count := len(n.rows) / n.columns
	distance := make([]float64, count)
	order := make([]int, 0, count)
	for i := range count {
		sum, common := 0.0, 0
		for j, v := range n.rows[i*n.columns : (i+1)*n.columns] {
			if d := v - row[j]; !math.IsNaN(d) {
				sum, common = sum+d*d, common+1
			}
		}
		if common > 0 {
			distance[i] = sum / float64(common)
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(distance[a], distance[b]), a-b) })
	return order
}

// eachRow calls do for the numbers of all rows, on all processors. Each call works on a
// row of its own.
func eachRow(ctx context.Context, rows int, do func(i int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(rows, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < rows && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}
