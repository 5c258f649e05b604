package vae

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Draw draws x from p(x|z), in the shape of Build's input, for the parameters y that
// Decode returns: the mean, Recon, with the noise of the likelihood. A multinomial draws
// one category. There is no gradient.
func (c Config) Draw(b *graph.Builder, y *graph.Node) *graph.Node {
	if y == nil || !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	b = b.Scope("draw")
	if !checkSamples(b, y, c.decoded()) {
		return nil
	}
	var values []*graph.Node
	for _, p := range c.parts() {
		values = append(values, p.density().draw(p.Config, b, p.parameters(b, y)))
	}
	return join(b, values)
}

// drawn is a value as an expression over its parameters y and over u and v, which are
// uniform in (0,1).
type drawn func(c Config, y []lower.Expr, u, v lower.Expr) lower.Expr

// of draws a value for each of the parameters y.
func (d drawn) of(c Config, b *graph.Builder, y []*graph.Node) *graph.Node {
	if b.Err() != nil || y[0] == nil {
		return nil
	}
	shape := y[0].Shape()
	n := len(y)
	e := d(c, args(0, n), inside(lower.Arg(n)), inside(lower.Arg(n+1)))
	return b.Map(e, append(append([]*graph.Node{}, y...), b.Uniform("u", shape...), b.Uniform("v", shape...))...)
}

// inside keeps a number in [0,1] off 0 and 1, where quantiles are infinite.
func inside(u lower.Expr) lower.Expr { return clip(u, 1e-7, 1-1e-7) }

// normal is standard normal (Box and Muller 1958).
func normal(u, v lower.Expr) lower.Expr {
	return lower.Sqrt(num(-2).Mul(lower.Log(u))).Mul(lower.Cos(num(2 * math.Pi).Mul(v)))
}

func coin(_ Config, y []lower.Expr, u, _ lower.Expr) lower.Expr {
	return lower.Where(u.Less(lower.Sigmoid(y[0])), num(1), num(0))
}

// fixedNoise adds the noise of standard deviation Scale to a mean.
func fixedNoise(mean func(y []lower.Expr) lower.Expr) drawn {
	return func(c Config, y []lower.Expr, u, v lower.Expr) lower.Expr {
		return mean(y).Add(num(c.Scale).Mul(normal(u, v)))
	}
}

func learnedNoise(c Config, y []lower.Expr, u, v lower.Expr) lower.Expr {
	return y[0].Add(lower.Exp(num(0.5).Mul(clip(y[1], c.LogVar[0], c.LogVar[1]))).Mul(normal(u, v)))
}

func laplaceNoise(c Config, y []lower.Expr, u, _ lower.Expr) lower.Expr {
	half := u.Sub(num(0.5))
	size := num(-c.Scale).Mul(lower.Log1p(num(-2).Mul(lower.Abs(half))))
	return y[0].Add(lower.Where(half.Less(num(0)), size.Neg(), size))
}

// studentNoise is by the polar method of Bailey (1994).
func studentNoise(_ Config, y []lower.Expr, u, v lower.Expr) lower.Expr {
	scale, df := studentScale(y)
	radius := lower.Sqrt(df.Mul(lower.Expm1(num(-2).Div(df).Mul(lower.Log(u)))))
	return y[0].Add(scale.Mul(radius).Mul(lower.Cos(num(2 * math.Pi).Mul(v))))
}

// logisticLevel rounds a draw of the logistic distribution to a level.
func logisticLevel(c Config, y []lower.Expr, u, _ lower.Expr) lower.Expr {
	x := y[0].Add(lower.Exp(lower.Max(num(-7), y[1])).Mul(lower.Log(u.Div(num(1).Sub(u)))))
	steps := num(float64(c.Levels - 1))
	return lower.Floor(clip(x.Add(num(1)).Div(num(2)), 0, 1).Mul(steps).Add(num(0.5))).Div(steps)
}

// betaBinomialLevel draws from the probabilities of all levels.
func betaBinomialLevel(c Config, b *graph.Builder, y *graph.Node) *graph.Node {
	if y == nil || b.Err() != nil {
		return nil
	}
	shape := y.Shape() // [N, 2, ...]
	apart := append([]int{shape[0], 2, 1}, shape[2:]...)
	ones := make([]int, len(shape))
	for i := range ones {
		ones[i] = 1
	}
	ones[1] = c.Levels
	levels := b.Scale(b.Reshape(b.Iota(c.Levels), ones...), 1/float64(c.Levels-1))
	return level(c, b, betaBinomial(c, b, levels, b.Reshape(y, apart...), 1))
}

// level draws one of the levels along axis 1 of y, which are logarithms of shares.
func level(c Config, b *graph.Builder, y *graph.Node) *graph.Node {
	return b.Scale(pick(b, y), 1/float64(c.Levels-1))
}

// category draws one of the values of a sample, and sets it to 1 and the others to 0.
func category(_ Config, b *graph.Builder, y *graph.Node) *graph.Node {
	flat := b.Reshape(y, y.Shape()[0], -1)
	if b.Err() != nil {
		return nil
	}
	return b.Reshape(b.OneHot(pick(b, flat), flat.Shape()[1]), y.Shape()...)
}

// pick draws an index along axis 1 of y, which are logarithms of shares (the Gumbel-max
// trick).
func pick(b *graph.Builder, y *graph.Node) *graph.Node {
	if y == nil || b.Err() != nil {
		return nil
	}
	return b.ArgMax(b.Map(lower.Arg(0).Add(gumbel(lower.Arg(1))), y, b.Uniform("gumbel", y.Shape()...)), 1)
}

// gumbel is a draw of Gumbel's distribution, for u uniform in [0,1).
func gumbel(u lower.Expr) lower.Expr { return lower.Log(lower.Log(inside(u)).Neg()).Neg() }
