package tensorboard

import "math"

// counts are how many numbers lie between limits.
type counts struct {
	min, max, n, sum, squares float64
	limits                    []float64 // the upper limits of the buckets
	buckets                   []float64
}

// buckets is the number of buckets, that of TensorFlow's summaries.
const buckets = 30

// count counts the finite numbers of x in buckets of the same width.
func count[T float32 | float64](x []T) counts {
	c := counts{min: math.Inf(1), max: math.Inf(-1)}
	for _, e := range x {
		if v := float64(e); finite(v) {
			c.min, c.max = min(c.min, v), max(c.max, v)
			c.n++
			c.sum += v
			c.squares += v * v
		}
	}
	if c.n == 0 {
		return counts{limits: []float64{0}, buckets: []float64{0}}
	}
	n := buckets
	if c.min == c.max {
		n = 1
	}
	c.buckets, c.limits = make([]float64, n), make([]float64, n)
	width := max(0, c.max/float64(n)-c.min/float64(n)) // the difference of the two may be infinite
	for i := range c.limits {
		c.limits[i] = min(c.max, c.min+width*float64(i+1))
	}
	c.limits[n-1] = c.max
	for _, e := range x {
		v := float64(e)
		if !finite(v) {
			continue
		}
		i := 0
		if width > 0 {
			i = int(min(float64(n-1), max(0, v/width-c.min/width)))
		}
		c.buckets[i]++
	}
	return c
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
