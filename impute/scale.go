package impute

import "math"

// scale standardises the columns of a table: the known values of each have mean 0 and
// standard deviation 1. A constant column keeps its unit.
type scale struct{ mean, sd []float64 }

func scaleOf(t Table) scale {
	s := scale{make([]float64, t.Columns), make([]float64, t.Columns)}
	for j := range t.Columns {
		n, sum := 0.0, 0.0
		for i := range t.Rows() {
			if v := t.Row(i)[j]; !math.IsNaN(v) {
				n, sum = n+1, sum+v
			}
		}
		s.mean[j] = sum / n
		squares := 0.0
		for i := range t.Rows() {
			if v := t.Row(i)[j]; !math.IsNaN(v) {
				squares += (v - s.mean[j]) * (v - s.mean[j])
			}
		}
		s.sd[j] = math.Sqrt(squares / n)
		if s.sd[j] <= 1e-12*math.Abs(s.mean[j]) || s.sd[j] == 0 {
			s.sd[j] = 1
		}
	}
	return s
}

// apply returns the standardised values of a table.
func (s scale) apply(t Table) []float64 {
	out := make([]float64, len(t.Values))
	for i, v := range t.Values {
		j := i % t.Columns
		out[i] = (v - s.mean[j]) / s.sd[j]
	}
	return out
}

// undo brings standardised values back, in place.
func (s scale) undo(values []float64) []float64 {
	for i, v := range values {
		j := i % len(s.mean)
		values[i] = v*s.sd[j] + s.mean[j]
	}
	return values
}
