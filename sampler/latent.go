package sampler

import (
	"fmt"
	"math"
)

// Plane returns the codes of a walk over the plane of two dimensions of the code: side by
// side of them, [side*side, size], row by row. Columns go along the dimension first, from
// low to high, rows along the dimension second, from high to low. The values are the
// quantiles (i+1/2)/side of N(0,1), so each code stands for the same share of the prior.
// All other dimensions are 0.
func Plane(size, first, second, side int) ([]float32, error) {
	if first < 0 || second < 0 || first >= size || second >= size || first == second || side < 1 || side > 1<<12 {
		return nil, fmt.Errorf("sampler: a plane of dimensions %d and %d of %d, %d by %[4]d: want two different ones, counted from 0, and a side from 1 to 4096", first, second, size, side)
	}
	if err := checkDraw(side*side, size); err != nil {
		return nil, err
	}
	z := make([]float32, side*side*size)
	for i := range side {
		for j := range side {
			code := z[(i*side+j)*size:]
			code[first] = float32(quantile((float64(j) + 0.5) / float64(side)))
			code[second] = float32(quantile((float64(side-1-i) + 0.5) / float64(side)))
		}
	}
	return z, nil
}

// quantile is that of N(0,1).
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// Linear returns codes on the line from a to b, both included: [steps, len(a)]. There are
// at least two steps.
func Linear(a, b []float32, steps int) ([]float32, error) {
	return between(a, b, steps, func(t float64) (float64, float64) { return 1 - t, t })
}

// Spherical returns codes on the great circle from a to b, both included: [steps, len(a)].
// Half way, the code of two draws from N(0,1) in many dimensions is as far from 0 as these
// are, which a line is not (White 2016). The weights of a and b are
//
//	sin((1-t) angle) / sin(angle), sin(t angle) / sin(angle)
//
// with the angle between a and b; if they are parallel, it is the line.
func Spherical(a, b []float32, steps int) ([]float32, error) {
	var ab, aa, bb float64
	for i := range min(len(a), len(b)) {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	angle := math.Acos(min(1, max(-1, ab/math.Sqrt(aa*bb))))
	if s := math.Sin(angle); s > 1e-6 {
		return between(a, b, steps, func(t float64) (float64, float64) { return math.Sin((1-t)*angle) / s, math.Sin(t*angle) / s })
	}
	return Linear(a, b, steps)
}

// between returns sums of a and b with the weights at each step.
func between(a, b []float32, steps int, weights func(t float64) (float64, float64)) ([]float32, error) {
	if len(a) == 0 || len(a) != len(b) || steps < 2 {
		return nil, fmt.Errorf("sampler: %d steps between codes of %d and %d values: want at least two steps and codes of one size", steps, len(a), len(b))
	}
	if err := checkDraw(steps, len(a)); err != nil {
		return nil, err
	}
	out := make([]float32, 0, steps*len(a))
	for i := range steps {
		u, v := weights(float64(i) / float64(steps-1))
		for k := range a {
			out = append(out, float32(u*float64(a[k])+v*float64(b[k])))
		}
	}
	return out, nil
}
