package vae

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// betaBinomial is log p(k) for k = x n out of n = Levels-1:
//
//	log C(n,k) + log B(k+alpha, n-k+beta) - log B(alpha, beta)
func betaBinomial(c Config, b *graph.Builder, x, y *graph.Node, axis int) *graph.Node {
	n := c.Levels - 1
	e := lower.Exp(clip(lower.Arg(0), -10, 10)) // apart, so that no derivative of the rest has a clip
	params := along(b, y, axis, 2)
	k := b.Round(b.Scale(x, float64(n)))
	alpha, beta := b.Map(e, params[0]), b.Map(e, params[1])
	ratio := logBeta(lower.Arg(0).Add(lower.Arg(1)), num(float64(n)).Sub(lower.Arg(0)).Add(lower.Arg(2))).Sub(logBeta(lower.Arg(1), lower.Arg(2)))
	choose := make([]float64, c.Levels)
	all, _ := math.Lgamma(float64(n + 1))
	for k := range choose {
		some, _ := math.Lgamma(float64(k + 1))
		rest, _ := math.Lgamma(float64(n - k + 1))
		choose[k] = all - some - rest
	}
	return b.Add(b.Map(ratio, k, alpha, beta), b.Gather(b.Constant(choose, c.Levels), k, 0))
}

func betaBinomialMean(_ Config, b *graph.Builder, y *graph.Node, axis int) *graph.Node {
	params := along(b, y, axis, 2)
	return b.Map(lower.Sigmoid(clip(lower.Arg(0), -10, 10).Sub(clip(lower.Arg(1), -10, 10))), params...)
}

// logBeta is the logarithm of the beta function of a and b > 0. By Stirling's formula
// with its correction d, see stirling, and s = a+b, it is
//
//	(a-1/2) log(a/s) + (b-1/2) log(b/s) - log(s)/2 + log(2 pi)/2 + d(a) + d(b) - d(s)
//
// in which, other than in a sum of log gamma functions, no large terms cancel.
func logBeta(a, b lower.Expr) lower.Expr {
	s, half := a.Add(b), num(0.5)
	main := a.Sub(half).Mul(lower.Log1p(b.Div(a))).Add(b.Sub(half).Mul(lower.Log1p(a.Div(b)))).Neg()
	return main.Sub(half.Mul(lower.Log(s))).Add(num(math.Log(2*math.Pi) / 2)).Add(stirling(a)).Add(stirling(b)).Sub(stirling(s))
}

// stirling is the correction of Stirling's formula,
//
//	log gamma(z) - ((z-1/2) log z - z + log(2 pi)/2)
//
// for z > 1e-6. It is that of z+5 by the first terms of its asymptotic series
// (Abramowitz and Stegun 1964, 6.1.40), with an error below 1e-11, and the recurrence
// gamma(z+1) = z gamma(z).
func stirling(z lower.Expr) lower.Expr {
	const shift = 5
	inv := num(1).Div(z)
	product := num(1)
	for i := 1; i < shift; i++ {
		product = product.Mul(num(float64(i)).Mul(inv).Add(num(1)))
	}
	recurrence := z.Add(num(shift - 0.5)).Mul(lower.Log1p(num(shift).Mul(inv))).Sub(num(shift)).Sub(lower.Log(product))

	w := num(1).Div(z.Add(num(shift)))
	square := w.Square()
	series := num(0)
	for _, coefficient := range []float64{1. / 156, -691. / 360360, 1. / 1188, -1. / 1680, 1. / 1260, -1. / 360, 1. / 12} {
		series = series.Mul(square).Add(num(coefficient))
	}
	return series.Mul(w).Add(recurrence)
}
