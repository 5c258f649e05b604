package search

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// density is an estimate of the distribution of a coordinate.
type density interface {
	draw(r *rand.Rand) float64
	at(x float64) float64
}

// densityOf estimates the density of coordinate i over points that have it.
func densityOf(p Parameter, i int, points [][]float64) density {
	var xs []float64
	for _, at := range points {
		if !math.IsNaN(at[i]) {
			xs = append(xs, at[i])
		}
	}
	if p.kind == choice {
		return sharesOf(xs, len(p.choices))
	}
	return parzenOf(xs)
}

// shares are the probabilities of choices: each counts once more than it was seen.
type shares []float64

func sharesOf(xs []float64, n int) shares {
	s := make(shares, n)
	for k := range s {
		s[k] = 1 / float64(len(xs)+n)
	}
	for _, x := range xs {
		s[int(x)] += 1 / float64(len(xs)+n)
	}
	return s
}

func (s shares) at(x float64) float64 { return s[int(x)] }

func (s shares) draw(r *rand.Rand) float64 {
	u := r.Float64()
	for k, p := range s {
		if u -= p; u < 0 {
			return float64(k)
		}
	}
	return float64(len(s) - 1)
}

// parzen is a mixture with equal weights of normal distributions on [0, 1]: one for each
// point, and a wide one in the middle.
type parzen []normal

// normal is a normal distribution that is cut to [0, 1].
type normal struct{ mean, deviation, below, mass float64 }

// parzenOf has for each point, as deviation, the distance to the farther of its
// neighbours, within limits. The ends of the interval are neighbours, too.
func parzenOf(xs []float64) parzen {
	xs = slices.Clone(xs)
	slices.SortFunc(xs, cmp.Compare)
	least := 1 / float64(min(100, len(xs)+2))
	p := parzen{normalOf(0.5, 1)}
	for i, x := range xs {
		left, right := x, 1-x
		if i > 0 {
			left = x - xs[i-1]
		}
		if i < len(xs)-1 {
			right = xs[i+1] - x
		}
		p = append(p, normalOf(x, min(max(left, right, least), 1)))
	}
	return p
}

func normalOf(mean, deviation float64) normal {
	below := cumulative(-mean / deviation)
	return normal{mean, deviation, below, cumulative((1-mean)/deviation) - below}
}

func (p parzen) at(x float64) (sum float64) {
	for _, n := range p {
		z := (x - n.mean) / n.deviation
		sum += math.Exp(-z*z/2) / (n.deviation * math.Sqrt(2*math.Pi) * n.mass)
	}
	return sum / float64(len(p))
}

func (p parzen) draw(r *rand.Rand) float64 {
	n := p[r.IntN(len(p))]
	z := math.Sqrt2 * math.Erfinv(2*(n.below+n.mass*r.Float64())-1)
	return min(max(n.mean+n.deviation*z, 0), 1)
}

// cumulative is the distribution function of the standard normal distribution.
func cumulative(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
