package exact

import (
	"math"
	"sort"
)

// Kind is a family of distributions over levels 0 to Levels-1, by the name that
// package vae has for it.
type Kind string

// The kinds.
const (
	Bernoulli    Kind = "bernoulli"
	BetaBinomial Kind = "beta-binomial"
	Categorical  Kind = "categorical"
	Logistic     Kind = "logistic"
)

// Likelihood is the distribution of the values of a sample, given parameters that a
// net computes: those of Values, [Parameters, values].
type Likelihood struct {
	Kind   Kind
	Levels int // at least 2
	Values int // of a sample
	// Precision is the number of bits of probabilities: they are multiples of
	// 2^-Precision, and at least that. 2^Precision is above Levels.
	Precision int
}

// Parameters is the number of parameters of a value, 0 for an unknown kind.
func (l Likelihood) Parameters() int {
	switch l.Kind {
	case Bernoulli:
		return 1
	case BetaBinomial, Logistic:
		return 2
	case Categorical:
		return l.Levels
	}
	return 0
}

// Distribution is the distribution of one value. It can be used again and again; each
// goroutine needs its own.
type Distribution struct {
	l       Likelihood
	weights []float64 // of levels
	sums    []float64 // of the weights before a level, [Levels+1]
	scale   float64
}

// New returns memory for a distribution.
func (l Likelihood) New() *Distribution {
	return &Distribution{l: l, weights: make([]float64, l.Levels), sums: make([]float64, l.Levels+1)}
}

// Set makes it the distribution of value i by the parameters y of a sample. It reports
// whether there is one: there is none if a parameter is NaN.
func (d *Distribution) Set(y []float64, i int) bool {
	n := d.l.Values
	switch d.l.Kind {
	case Bernoulli:
		d.weights[1] = Sigmoid(y[i])
		d.weights[0] = 1 - d.weights[1]
	case BetaBinomial:
		betaBinomial(d.weights, Exp(min(max(y[i], -10), 10)), Exp(min(max(y[n+i], -10), 10)))
	case Categorical:
		top := math.Inf(-1)
		for k := range d.weights {
			top = max(top, y[k*n+i])
		}
		for k := range d.weights {
			d.weights[k] = Exp(y[k*n+i] - top)
		}
	case Logistic:
		logistic(d.weights, y[i], Exp(-max(y[n+i], -7)))
	}
	sum := 0.
	for k, w := range d.weights {
		sum += w
		d.sums[k+1] = sum
	}
	d.scale = float64(int64(1)<<d.l.Precision - int64(d.l.Levels))
	return sum > 0 && !math.IsInf(sum, 1)
}

// betaBinomial computes weights proportional to the probabilities of k out of n, from
// the mode on by the ratio of one to the next, (n-k)(k+a) / ((k+1)(n-k-1+b)).
func betaBinomial(w []float64, a, b float64) {
	n := len(w) - 1
	mode := 0
	switch {
	case a > 1 && b > 1:
		mode = min(n, int(float64(float64(n+1)*(a-1))/(a+b-2)))
	case a > b:
		mode = n
	}
	w[mode] = 1
	for k := mode; k < n; k++ {
		r := float64(float64(n-k)*(float64(k)+a)) / float64(float64(k+1)*(float64(n-k-1)+b))
		w[k+1] = float64(w[k] * r)
	}
	for k := mode - 1; k >= 0; k-- {
		r := float64(float64(k+1)*(float64(n-k-1)+b)) / float64(float64(n-k)*(float64(k)+a))
		w[k] = float64(w[k+1] * r)
	}
}

// logistic computes the probabilities of levels of 2x-1: the differences of the
// logistic function at their edges.
func logistic(w []float64, location, inverse float64) {
	n, before := float64(len(w)-1), 0.
	for k := range w {
		edge := float64((float64(2*k+1)/n - 1 - location) * inverse)
		after := 1.
		if k < len(w)-1 {
			after = Sigmoid(edge)
		}
		w[k] = after - before
		if w[k] < 0 {
			w[k] = 0 // in the last bit
		}
		before = after
	}
}

// before is the probability of the levels before one, times 2^Precision.
func (d *Distribution) before(level int) uint64 {
	share := d.sums[level] / d.sums[d.l.Levels]
	return uint64(level) + uint64(math.Floor(float64(share*d.scale)))
}

// Span is the interval [start, start+size) of [0, 2^Precision) of a level.
func (d *Distribution) Span(level int) (start, size uint64) {
	start = d.before(level)
	return start, d.before(level+1) - start
}

// Find is the level whose interval has the number at, and its interval.
func (d *Distribution) Find(at uint64) (level int, start, size uint64) {
	level = sort.Search(d.l.Levels-1, func(i int) bool { return d.before(i+1) > at })
	start, size = d.Span(level)
	return level, start, size
}
