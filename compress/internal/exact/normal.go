package exact

import (
	"math"
	"sort"
)

// Latent codes a standard normal number by its bucket of 2^Bits of equal probability,
// and a bucket by any normal distribution (Townsend et al. 2019, section 2.5.1).
type Latent struct {
	Bits      int
	precision int
	edges     []float64 // between buckets, [2^Bits - 1]
	centres   []float64 // the medians of buckets, [2^Bits]
	grid      []float64 // the normal distribution function times 2^precision, rounded, at steps of 1/perUnit
}

// The distribution function is linear between the points of a grid from -reach to
// reach. A straight line is monotone in every rounding, which a series is not.
const (
	reach   = 8
	perUnit = 1024
)

// NewLatent returns the coding with 2^bits buckets, 1 <= bits <= 20, whose
// probabilities are multiples of 2^-precision.
func NewLatent(bits, precision int) *Latent {
	n := 1 << bits
	l := &Latent{Bits: bits, precision: precision, centres: make([]float64, n), edges: make([]float64, n-1), grid: make([]float64, 2*reach*perUnit+1)}
	total := power(precision)
	for i := range l.grid {
		l.grid[i] = math.Floor(float64(total*Phi(float64(float64(i)/perUnit)-reach)) + 0.5)
	}
	l.grid[0], l.grid[len(l.grid)-1] = 0, total
	// Newton's method from each point of the upper half to the next: the edges and, in
	// between, the centres.
	x, step := 0., 1/float64(2*n)
	for i := n; i < 2*n; i++ {
		p := float64(float64(i) * step)
		for range 8 {
			x += (p - Phi(x)) / density(x)
		}
		if i%2 == 0 {
			l.edges[i/2-1], l.edges[n-1-i/2] = x, -x
		} else {
			l.centres[i/2], l.centres[n-1-i/2] = x, -x
		}
	}
	return l
}

// Centre is the median of a bucket.
func (l *Latent) Centre(bucket int) float64 { return l.centres[bucket] }

// Normal is a normal distribution over buckets.
type Normal struct{ Mean, Deviation float64 }

// NormalOf is the normal distribution of the mean mu and the log variance, clamped to
// lo and hi. It is not ok if one of these is NaN.
func NormalOf(mu, logVar, lo, hi float64) (n Normal, ok bool) {
	logVar = min(max(logVar, lo), hi)
	n = Normal{mu, Exp(float64(logVar / 2))}
	return n, mu == mu && logVar == logVar && n.Deviation > 0
}

// before is the probability of the buckets before one, times 2^precision.
func (l *Latent) before(bucket int, n Normal) uint64 {
	switch {
	case bucket <= 0:
		return 0
	case bucket >= len(l.centres):
		return 1 << l.precision
	}
	t := (l.edges[bucket-1]-n.Mean)/n.Deviation + reach
	switch {
	case !(t > 0): // infinity less infinity is none
		return 0
	case t >= 2*reach:
		return 1 << l.precision
	}
	t = float64(t * perUnit)
	i := math.Floor(t)
	from := l.grid[int(i)]
	return uint64(from + math.Floor(float64((l.grid[int(i)+1]-from)*(t-i))))
}

// Span is the interval [start, start+size) of [0, 2^precision) of a bucket.
func (l *Latent) Span(bucket int, n Normal) (start, size uint64) {
	start = l.before(bucket, n)
	return start, l.before(bucket+1, n) - start
}

// Find is the bucket whose interval has the number at, and its interval.
func (l *Latent) Find(at uint64, n Normal) (bucket int, start, size uint64) {
	bucket = sort.Search(len(l.centres)-1, func(i int) bool { return l.before(i+1, n) > at })
	start, size = l.Span(bucket, n)
	return bucket, start, size
}
