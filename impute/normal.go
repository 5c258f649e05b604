package impute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Normal fits a normal distribution of the rows by expectation maximisation (Dempster et
// al. 1977), and fills missing values with their conditional mean given the known ones. A
// draw is from the conditional distribution.
type Normal struct {
	// Iterations is the most that are made; 0 means 100.
	Iterations int
	// Tolerance ends them when no mean and covariance of the standardised columns changes
	// by more; 0 means 1e-4.
	Tolerance float64
	// Ridge is added to the variances of the standardised columns; 0 means 1e-3.
	Ridge float64
}

// Fit iterates.
func (n Normal) Fit(ctx context.Context, t Table) (Imputer, error) {
	if n.Iterations < 0 || n.Tolerance < 0 || n.Ridge < 0 {
		return nil, fmt.Errorf("impute: %d iterations, a tolerance of %g, a ridge of %g: none can be negative", n.Iterations, n.Tolerance, n.Ridge)
	}
	if err := t.fittable(); err != nil {
		return nil, err
	}
	s := scaleOf(t)
	d := t.Columns
	f := gaussian{scale: s, mean: make([]float64, d), cov: mat.NewSymDense(d, nil)}
	ridge := cmp.Or(n.Ridge, 1e-3)
	for j := range d {
		f.cov.SetSym(j, j, 1)
	}
	rows := s.apply(t)
	for range cmp.Or(n.Iterations, 100) {
		next, err := f.step(ctx, rows, ridge)
		if err != nil {
			return nil, err
		}
		change := f.difference(next)
		f = next
		if change < cmp.Or(n.Tolerance, 1e-4) {
			break
		}
	}
	return f, nil
}

// gaussian is a normal distribution of standardised rows.
type gaussian struct {
	scale scale
	mean  []float64
	cov   *mat.SymDense
}

// step is an iteration of expectation maximisation.
func (g gaussian) step(ctx context.Context, rows []float64, ridge float64) (gaussian, error) {
	d := len(g.mean)
	n := len(rows) / d
	filled := make([]float64, len(rows))
	covs := make([]*mat.SymDense, n) // of the missing values, nil if there are none
	missing := make([][]int, n)
	failed := make([]error, n)
	err := eachRow(ctx, n, func(i int) {
		row := rows[i*d : (i+1)*d]
		missing[i] = indicesOf(row, true)
		mean, cov, err := g.conditional(row)
		if err != nil {
			failed[i] = fmt.Errorf("impute: row %d: %w", i+1, err)
			return
		}
		copy(filled[i*d:], mean)
		covs[i] = cov
	})
	if err := errors.Join(err, errors.Join(failed...)); err != nil {
		return gaussian{}, err
	}
	next := gaussian{g.scale, make([]float64, d), mat.NewSymDense(d, nil)}
	for i, v := range filled {
		next.mean[i%d] += v / float64(n)
	}
	sum := make([]float64, d*d)
	for i := range n {
		row := filled[i*d : (i+1)*d]
		for a := range d {
			da := row[a] - next.mean[a]
			for b := a; b < d; b++ {
				sum[a*d+b] += da * (row[b] - next.mean[b])
			}
		}
		for p, a := range missing[i] {
			for q := p; q < len(missing[i]); q++ {
				sum[a*d+missing[i][q]] += covs[i].At(p, q)
			}
		}
	}
	for a := range d {
		for b := a; b < d; b++ {
			v := sum[a*d+b] / float64(n)
			if a == b {
				v += ridge
			}
			next.cov.SetSym(a, b, v)
		}
	}
	return next, nil
}

// conditional returns a row whose missing values are their means given the known ones,
// and the covariance of those missing, or nil if none are.
func (g gaussian) conditional(row []float64) ([]float64, *mat.SymDense, error) {
	missing, known := indicesOf(row, true), indicesOf(row, false)
	out := append([]float64(nil), row...)
	if len(missing) == 0 {
		return out, nil, nil
	}
	cov := mat.NewSymDense(len(missing), nil)
	for p, a := range missing {
		out[a] = g.mean[a]
		for q := p; q < len(missing); q++ {
			cov.SetSym(p, q, g.cov.At(a, missing[q]))
		}
	}
	if len(known) == 0 {
		return out, cov, nil
	}
	within := mat.NewSymDense(len(known), nil)
	across := mat.NewDense(len(known), len(missing), nil)
	from := mat.NewVecDense(len(known), nil)
	for p, a := range known {
		from.SetVec(p, row[a]-g.mean[a])
		for q := p; q < len(known); q++ {
			within.SetSym(p, q, g.cov.At(a, known[q]))
		}
		for q, b := range missing {
			across.Set(p, q, g.cov.At(a, b))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(within) {
		return nil, nil, errors.New("the covariance of the known columns is singular: set a larger Ridge")
	}
	var weights mat.Dense // [known, missing]
	if err := chol.SolveTo(&weights, across); err != nil {
		var condition mat.Condition
		if !errors.As(err, &condition) {
			return nil, nil, err
		}
	}
	for q, b := range missing {
		out[b] += mat.Dot(weights.ColView(q), from)
	}
	var explained mat.Dense
	explained.Mul(across.T(), &weights)
	for p := range missing {
		for q := p; q < len(missing); q++ {
			cov.SetSym(p, q, cov.At(p, q)-(explained.At(p, q)+explained.At(q, p))/2)
		}
	}
	return out, cov, nil
}

// difference is the greatest change of a mean or a covariance.
func (g gaussian) difference(h gaussian) float64 {
	most := 0.0
	for a, m := range g.mean {
		most = max(most, math.Abs(m-h.mean[a]))
		for b := range g.mean {
			most = max(most, math.Abs(g.cov.At(a, b)-h.cov.At(a, b)))
		}
	}
	return most
}

func (g gaussian) Impute(ctx context.Context, t Table) (Table, error) {
	return g.fill(ctx, t, greatest, func(int, []float64, *mat.SymDense) error { return nil })
}

func (g gaussian) Draw(ctx context.Context, t Table, seed uint64) (Table, error) {
	return g.fill(ctx, t, byShares(seed), func(i int, missing []float64, cov *mat.SymDense) error {
		var chol mat.Cholesky
		if !chol.Factorize(cov) {
			return errors.New("the covariance of the missing values is singular: set a larger Ridge")
		}
		r := random(seed, i)
		noise := mat.NewVecDense(len(missing), nil)
		for k := range missing {
			noise.SetVec(k, r.NormFloat64())
		}
		var lower mat.TriDense
		chol.LTo(&lower)
		var add mat.VecDense
		add.MulVec(&lower, noise)
		for k := range missing {
			missing[k] += add.AtVec(k)
		}
		return nil
	})
}

// fill fills missing values with conditional means, which change may change.
func (g gaussian) fill(ctx context.Context, t Table, pick func(int, []float64) int, change func(row int, missing []float64, cov *mat.SymDense) error) (Table, error) {
	if err := t.like(len(g.mean)); err != nil {
		return Table{}, err
	}
	rows := g.scale.apply(t)
	failed := make([]error, t.Rows())
	err := eachRow(ctx, t.Rows(), func(i int) {
		row := rows[i*t.Columns : (i+1)*t.Columns]
		at := indicesOf(row, true)
		if len(at) == 0 {
			return
		}
		mean, cov, err := g.conditional(row)
		if err == nil {
			missing := make([]float64, len(at))
			for k, j := range at {
				missing[k] = mean[j]
			}
			err = change(i, missing, cov)
			for k, j := range at {
				row[j] = missing[k]
			}
		}
		if err != nil {
			failed[i] = fmt.Errorf("impute: row %d: %w", i+1, err)
		}
	})
	if err := errors.Join(err, errors.Join(failed...)); err != nil {
		return Table{}, err
	}
	return t.filled(g.scale.undo(rows), pick), nil
}

// indicesOf lists the missing values of a row, or those known.
func indicesOf(row []float64, missing bool) []int {
	var out []int
	for j, v := range row {
		if math.IsNaN(v) == missing {
			out = append(out, j)
		}
	}
	return out
}
