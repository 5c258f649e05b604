package metrics

import (
	"errors"
	"fmt"
	"math"
)

// MCC is the mean correlation coefficient of two dictionaries, rows of directions in
// the same space: the mean of the absolute cosine over the best assignment of rows of
// one to rows of the other, one to one, by the Hungarian algorithm. It is from 0 to 1,
// and 1 if they have the same directions. If one has more rows, as many of them as there
// are too many stay without a partner and do not count. A row of zeros has cosine 0. The
// time grows with the cube of the rows.
func MCC(a, b [][]float64) (float64, error) {
	cosine, err := cosines(a, b)
	if err != nil {
		return 0, fmt.Errorf("metrics: mcc: %w", err)
	}
	size := max(len(a), len(b))
	cost := make([][]float64, size)
	for i := range cost {
		cost[i] = make([]float64, size)
		if i < len(a) {
			for j, c := range cosine[i] {
				cost[i][j] = -c
			}
		}
	}
	sum := 0.0
	for i, j := range assign(cost) {
		sum -= cost[i][j]
	}
	return sum / float64(min(len(a), len(b))), nil
}

// Recovered is the mean over the rows of truth of the greatest absolute cosine with any
// row of a dictionary, from 0 to 1. Unlike MCC, several rows of truth can share a row of
// the dictionary, and the time grows with the product of both numbers of rows.
func Recovered(truth, rows [][]float64) (float64, error) {
	cosine, err := cosines(truth, rows)
	if err != nil {
		return 0, fmt.Errorf("metrics: recovered: %w", err)
	}
	sum := 0.0
	for _, of := range cosine {
		best := 0.0
		for _, c := range of {
			best = max(best, c)
		}
		sum += best
	}
	return sum / float64(len(truth)), nil
}

// cosines are the absolute cosines of the rows of a with those of b.
func cosines(a, b [][]float64) ([][]float64, error) {
	if len(a) == 0 || len(b) == 0 {
		return nil, errors.New("a dictionary has no rows")
	}
	for _, rows := range [][][]float64{a, b} {
		for i, row := range rows {
			if len(row) != len(a[0]) {
				return nil, fmt.Errorf("row %d has %d values, want %d as the first", i, len(row), len(a[0]))
			}
			for _, v := range row {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return nil, fmt.Errorf("row %d has the value %g", i, v)
				}
			}
		}
	}
	normsB := make([]float64, len(b))
	for j, row := range b {
		normsB[j] = norm(row)
	}
	out := make([][]float64, len(a))
	for i, x := range a {
		out[i] = make([]float64, len(b))
		nx := norm(x)
		for j, y := range b {
			dot := 0.0
			for k, v := range x {
				dot += v * y[k]
			}
			if length := nx * normsB[j]; length > 0 {
				out[i][j] = min(1, math.Abs(dot)/length)
			}
		}
	}
	return out, nil
}

func norm(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}
