package vae

import (
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// density is a likelihood. y holds the parameters of the values x: along the given
// axis if there is more than one for each value, else in the shape of x.
type density struct {
	params  func(c Config) int // of each value
	unit    bool               // x must lie in [0,1]
	logProb func(c Config, b *graph.Builder, x, y *graph.Node, axis int) *graph.Node
	mean    func(c Config, b *graph.Builder, y *graph.Node, axis int) *graph.Node
	draw    func(c Config, b *graph.Builder, y *graph.Node) *graph.Node // along axis 1
}

// densities are the likelihoods by name.
var densities = map[Likelihood]density{
	Bernoulli:       elementwise(1, true, bernoulli, sigmoidOf, coin),
	Gaussian:        elementwise(1, false, gaussian, first, fixedNoise(first)),
	GaussianUnit:    elementwise(1, true, gaussianUnit, sigmoidOf, fixedNoise(sigmoidOf)),
	GaussianShared:  elementwise(2, false, gaussianLearned, first, learnedNoise),
	GaussianLearned: elementwise(2, false, gaussianLearned, first, learnedNoise),
	Laplace:         elementwise(1, false, laplace, first, laplaceNoise),
	StudentT:        elementwise(3, false, studentT, first, studentNoise),
	Logistic:        elementwise(2, true, logistic, func(y []lower.Expr) lower.Expr { return clip(y[0].Add(num(1)).Div(num(2)), 0, 1) }, logisticLevel),
	BetaBinomial:    {func(Config) int { return 2 }, true, betaBinomial, betaBinomialMean, betaBinomialLevel},
	Categorical:     {func(c Config) int { return c.Levels }, true, categorical, meanLevel, level},
	Multinomial:     {func(Config) int { return 1 }, false, multinomial, shares, category},
}

// elementwise is a density whose logarithm and mean are expressions over a value x
// and its n parameters y. So is a value drawn, which also depends on noise.
func elementwise(n int, unit bool, logProb func(c Config, x lower.Expr, y []lower.Expr) lower.Expr, mean func(y []lower.Expr) lower.Expr, draw drawn) density {
	return density{
		params: func(Config) int { return n },
		unit:   unit,
		logProb: func(c Config, b *graph.Builder, x, y *graph.Node, axis int) *graph.Node {
			return b.Map(logProb(c, lower.Arg(0), args(1, n)), append([]*graph.Node{x}, along(b, y, axis, n)...)...)
		},
		mean: func(_ Config, b *graph.Builder, y *graph.Node, axis int) *graph.Node {
			return b.Map(mean(args(0, n)), along(b, y, axis, n)...)
		},
		draw: func(c Config, b *graph.Builder, y *graph.Node) *graph.Node { return draw.of(c, b, along(b, y, 1, n)) },
	}
}

// along splits y at an axis of extent n > 1, which the parts do not have.
func along(b *graph.Builder, y *graph.Node, axis, n int) []*graph.Node {
	if n == 1 || y == nil || b.Err() != nil {
		return []*graph.Node{y}
	}
	shape := slices.Delete(slices.Clone([]int(y.Shape())), axis, axis+1)
	parts := make([]*graph.Node, n)
	for i := range parts {
		parts[i] = b.Reshape(b.Slice(y, axis, i, i+1), shape...)
	}
	return parts
}

func args(from, n int) []lower.Expr {
	list := make([]lower.Expr, n)
	for i := range list {
		list[i] = lower.Arg(from + i)
	}
	return list
}

func num(v float64) lower.Expr { return lower.Num(v) }

func first(y []lower.Expr) lower.Expr { return y[0] }

func sigmoidOf(y []lower.Expr) lower.Expr { return lower.Sigmoid(y[0]) }

func clip(x lower.Expr, lo, hi float64) lower.Expr { return lower.Min(num(hi), lower.Max(num(lo), x)) }

func bernoulli(_ Config, x lower.Expr, y []lower.Expr) lower.Expr {
	return x.Mul(y[0]).Sub(lower.Softplus(y[0]))
}

func gaussian(c Config, x lower.Expr, y []lower.Expr) lower.Expr {
	half := num(-0.5 / (c.Scale * c.Scale))
	return half.Mul(x.Sub(y[0]).Square()).Sub(num(math.Log(c.Scale) + math.Log(2*math.Pi)/2))
}

func gaussianUnit(c Config, x lower.Expr, y []lower.Expr) lower.Expr {
	return gaussian(c, x, []lower.Expr{lower.Sigmoid(y[0])})
}

func gaussianLearned(c Config, x lower.Expr, y []lower.Expr) lower.Expr {
	logVar := clip(y[1], c.LogVar[0], c.LogVar[1])
	square := x.Sub(y[0]).Square().Mul(lower.Exp(logVar.Neg()))
	return num(-0.5).Mul(logVar.Add(square).Add(num(math.Log(2 * math.Pi))))
}

func laplace(c Config, x lower.Expr, y []lower.Expr) lower.Expr {
	return num(-1 / c.Scale).Mul(lower.Abs(x.Sub(y[0]))).Sub(num(math.Log(2 * c.Scale)))
}

func studentT(_ Config, x lower.Expr, y []lower.Expr) lower.Expr {
	scale, df := studentScale(y)
	t := x.Sub(y[0]).Div(scale)
	norm := logBeta(df.Mul(num(0.5)), num(0.5)).Add(num(0.5).Mul(lower.Log(df))).Add(lower.Log(scale))
	return num(-0.5).Mul(df.Add(num(1))).Mul(lower.Log1p(t.Square().Div(df))).Sub(norm)
}

func studentScale(y []lower.Expr) (scale, df lower.Expr) {
	return lower.Softplus(y[1]).Add(num(1e-3)), lower.Softplus(y[2]).Add(num(3))
}

// logistic is the logarithm of F(upper) - F(lower) for the logistic function F of the
// level's edges, as F(upper) F(-lower) (1 - e^(lower-upper)), which does not cancel.
func logistic(c Config, x lower.Expr, y []lower.Expr) lower.Expr {
	half := 1 / float64(c.Levels-1) // of the width of a level in [-1,1]
	inverse := lower.Exp(lower.Max(num(-7), y[1]).Neg())
	centre := x.Add(x).Sub(num(1)).Sub(y[0])
	upper, lo := centre.Add(num(half)).Mul(inverse), centre.Sub(num(half)).Mul(inverse)
	below, above := lower.Softplus(upper.Neg()).Neg(), lower.Softplus(lo).Neg() // log F(upper), log F(-lower)
	width := lower.Log(lower.Expm1(num(-2 * half).Mul(inverse)).Neg())
	firstLevel, lastLevel := x.Less(num(half/4)), num(1-half/4).Less(x)
	return lower.Where(firstLevel, below, lower.Where(lastLevel, above, below.Add(above).Add(width)))
}

func categorical(c Config, b *graph.Builder, x, y *graph.Node, axis int) *graph.Node {
	level := b.Round(b.Scale(x, float64(c.Levels-1)))
	shape := slices.Insert(slices.Clone([]int(x.Shape())), axis, 1)
	hit := b.Equal(b.Reshape(level, shape...), levelsAlong(b, y, axis))
	return b.Sum(b.Map(lower.Where(lower.Arg(0), lower.Arg(1), num(0)), hit, b.LogSoftmax(y, axis)), axis)
}

func meanLevel(c Config, b *graph.Builder, y *graph.Node, axis int) *graph.Node {
	return b.Scale(b.Sum(b.Mul(b.Softmax(y, axis), levelsAlong(b, y, axis)), axis), 1/float64(c.Levels-1))
}

// levelsAlong numbers the elements of an axis from 0, and broadcasts to y.
func levelsAlong(b *graph.Builder, y *graph.Node, axis int) *graph.Node {
	shape := make([]int, y.Dims())
	for i := range shape {
		shape[i] = 1
	}
	shape[axis] = y.Shape()[axis]
	return b.Reshape(b.Iota(y.Shape()[axis]), shape...)
}

func multinomial(_ Config, b *graph.Builder, x, y *graph.Node, axis int) *graph.Node {
	shape := []int(y.Shape())
	flat := append(slices.Clone(shape[:axis]), -1) // every axis from axis on is a category
	return b.Mul(x, b.Reshape(b.LogSoftmax(b.Reshape(y, flat...), axis), shape...))
}

func shares(_ Config, b *graph.Builder, y *graph.Node, axis int) *graph.Node {
	flat := append(slices.Clone([]int(y.Shape())[:axis]), -1)
	return b.Reshape(b.Softmax(b.Reshape(y, flat...), axis), y.Shape()...)
}
