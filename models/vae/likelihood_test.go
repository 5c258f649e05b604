package vae_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

func cdf(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// A definition is log p(x) by its formula, for a value x and its parameters y.
type definition struct {
	config vae.Config
	params int
	logP   func(x float64, y []float64) float64
	mean   func(y []float64) float64 // nil if the reconstruction is not the mean
	levels int                       // 0 for a density on the real line
}

func definitions() []definition {
	first := func(y []float64) float64 { return y[0] }
	normal := func(x, mu, logVar float64) float64 {
		return -0.5 * (logVar + (x-mu)*(x-mu)*math.Exp(-logVar) + math.Log(2*math.Pi))
	}
	level := func(n int, x float64) float64 { return math.Round(x * float64(n-1)) }
	return []definition{
		{config: vae.Config{}, params: 1, levels: 2, mean: func(y []float64) float64 { return cdf(y[0]) },
			logP: func(x float64, y []float64) float64 { return x*math.Log(cdf(y[0])) + (1-x)*math.Log(1-cdf(y[0])) }},
		{config: vae.Config{Likelihood: vae.Gaussian, Scale: 0.5}, params: 1, mean: first,
			logP: func(x float64, y []float64) float64 { return normal(x, y[0], 2*math.Log(0.5)) }},
		{config: vae.Config{Likelihood: vae.GaussianUnit, Scale: 0.5}, params: 1, mean: func(y []float64) float64 { return cdf(y[0]) },
			logP: func(x float64, y []float64) float64 { return normal(x, cdf(y[0]), 2*math.Log(0.5)) }},
		{config: vae.Config{Likelihood: vae.GaussianShared}, params: 2, mean: first,
			logP: func(x float64, y []float64) float64 { return normal(x, y[0], y[1]) }},
		{config: vae.Config{Likelihood: vae.GaussianLearned}, params: 2, mean: first,
			logP: func(x float64, y []float64) float64 { return normal(x, y[0], y[1]) }},
		{config: vae.Config{Likelihood: vae.Laplace, Scale: 0.3}, params: 1, mean: first,
			logP: func(x float64, y []float64) float64 { return -math.Abs(x-y[0])/0.3 - math.Log(0.6) }},
		{config: vae.Config{Likelihood: vae.StudentT}, params: 3, mean: first,
			logP: func(x float64, y []float64) float64 {
				s, v := math.Log1p(math.Exp(y[1]))+1e-3, math.Log1p(math.Exp(y[2]))+3
				t := (x - y[0]) / s
				return lgamma((v+1)/2) - lgamma(v/2) - math.Log(v*math.Pi)/2 - math.Log(s) - (v+1)/2*math.Log1p(t*t/v)
			}},
		{config: vae.Config{Likelihood: vae.Logistic}, params: 2, levels: 256,
			logP: func(x float64, y []float64) float64 {
				s := math.Exp(max(y[1], -7))
				upper, lower := cdf((2*x-1+1./255-y[0])/s), cdf((2*x-1-1./255-y[0])/s)
				switch level(256, x) {
				case 0:
					lower = 0
				case 255:
					upper = 1
				}
				return math.Log(upper - lower)
			}},
		{config: vae.Config{Likelihood: vae.BetaBinomial}, params: 2, levels: 256,
			mean: func(y []float64) float64 { return math.Exp(y[0]) / (math.Exp(y[0]) + math.Exp(y[1])) },
			logP: func(x float64, y []float64) float64 {
				return betaBinomial(255, level(256, x), math.Exp(y[0]), math.Exp(y[1]))
			}},
		{config: vae.Config{Likelihood: vae.BetaBinomial, Levels: 5}, params: 2, levels: 5,
			mean: func(y []float64) float64 { return math.Exp(y[0]) / (math.Exp(y[0]) + math.Exp(y[1])) },
			logP: func(x float64, y []float64) float64 {
				return betaBinomial(4, level(5, x), math.Exp(y[0]), math.Exp(y[1]))
			}},
		{config: vae.Config{Likelihood: vae.Categorical, Levels: 4}, params: 4, levels: 4,
			mean: func(y []float64) float64 {
				sum, mean := 0.0, 0.0
				for k, v := range y {
					sum += math.Exp(v)
					mean += float64(k) / 3 * math.Exp(v)
				}
				return mean / sum
			},
			logP: func(x float64, y []float64) float64 {
				sum := 0.0
				for _, v := range y {
					sum += math.Exp(v)
				}
				return y[int(level(4, x))] - math.Log(sum)
			}},
	}
}

func betaBinomial(n, k, alpha, beta float64) float64 {
	choose := lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
	return choose + lgamma(k+alpha) + lgamma(n-k+beta) - lgamma(n+alpha+beta) + lgamma(alpha+beta) - lgamma(alpha) - lgamma(beta)
}

// parameters draws y [n, params, values], and returns those of value j of sample i.
func parameters(n, params, values int) (y []float64, at func(i, j int) []float64) {
	r := rand.New(rand.NewPCG(5, 6))
	y = make([]float64, n*params*values)
	for i := range y {
		y[i] = math.Round(r.NormFloat64()*64) / 64 // exact in float32
	}
	return y, func(i, j int) []float64 {
		var at []float64
		for k := range params {
			at = append(at, y[(i*params+k)*values+j])
		}
		return at
	}
}

func TestLikelihoodsFollowTheirDefinition(t *testing.T) {
	const n, values = 3, 4
	for _, d := range definitions() {
		for dtype, tolerance := range map[graph.Dtype]float64{graph.Float64: 1e-9, graph.Float32: 3e-5} {
			t.Run(fmt.Sprintf("%s %v", d.config, dtype), func(t *testing.T) {
				c := d.config
				c.Input = values
				y, at := parameters(n, d.params, values)
				x := make([]float64, n*values)
				for i := range x {
					x[i] = float64(i) / 16
					if d.levels > 0 {
						x[i] = float64(i*(d.levels-1)/(len(x)-1)) / float64(d.levels-1)
					}
				}
				shape := []int{n, d.params, values}
				if d.params == 1 {
					shape = []int{n, values}
				}
				b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
				params := b.Input("y", shape...)
				each := c.LogLikelihoods(b, params, b.Input("x", n, values))
				b.Output("each", each)
				b.Output("sum", c.LogLikelihood(b, params, b.InputNode("x")))
				b.Output("recon", c.Recon(b, params))
				b.Output("gradient", b.Grad(b.Sum(each), params)[0])
				require.NoError(t, b.Err())
				out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "y": y}))

				want, sums, means := make([]float64, n*values), make([]float64, n), make([]float64, n*values)
				for i := range want {
					p := at(i/values, i%values)
					want[i] = d.logP(x[i], p)
					sums[i/values] += want[i]
					if d.mean != nil {
						means[i] = d.mean(p)
					}
				}
				optest.RequireClose(t, "each", want, out["each"], tolerance)
				optest.RequireClose(t, "sum", sums, out["sum"], tolerance)
				if d.mean != nil {
					optest.RequireClose(t, "recon", means, out["recon"], tolerance)
				}
				for k, g := range out["gradient"] {
					const h = 1e-5
					i, j, param := k/(d.params*values), k%values, k/values%d.params
					up, down := at(i, j), at(i, j)
					up[param] += h
					down[param] -= h
					difference := (d.logP(x[i*values+j], up) - d.logP(x[i*values+j], down)) / (2 * h)
					require.InDelta(t, difference, g, max(1e-5, 10*tolerance)*(1+math.Abs(difference)), "parameter %d of value %d", param, j)
				}
			})
		}
	}
}

func TestLikelihoodsSumToOne(t *testing.T) {
	for _, d := range definitions() {
		t.Run(d.config.String(), func(t *testing.T) {
			c := d.config
			var x []float64 // every level, or the midpoints of a grid
			width := 1.0
			for k := range d.levels {
				x = append(x, float64(k)/float64(d.levels-1))
			}
			if d.levels == 0 {
				const n, half = 20001, 60.0
				width = 2 * half / n
				for k := range n {
					x = append(x, -half+(float64(k)+0.5)*width)
				}
			}
			c.Input = len(x)
			y := make([]float64, d.params*len(x))
			for k := range d.params {
				for i := range x {
					y[k*len(x)+i] = []float64{0.4, -0.9, 0.3, 0.2}[k]
				}
			}
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
			shape := []int{1, d.params, len(x)}
			if d.params == 1 {
				shape = []int{1, len(x)}
			}
			p := b.Exp(c.LogLikelihoods(b, b.Input("y", shape...), b.Input("x", 1, len(x))))
			b.Output("sum", b.Scale(b.Sum(p), width))
			require.NoError(t, b.Err())
			out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "y": y}))
			tolerance := 1e-9
			if d.levels == 0 {
				tolerance = 1e-4 // the tail of Student's distribution outside the grid
			}
			require.InDelta(t, 1, out["sum"][0], tolerance)
		})
	}
}

// The parameters of a pixel that is always black, or always white, are extreme. The
// likelihood stays finite, and so does its gradient.
func TestExtremeParametersAreFinite(t *testing.T) {
	for _, likelihood := range []vae.Likelihood{vae.BetaBinomial, vae.Logistic, vae.GaussianLearned, vae.StudentT} {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			c := vae.Config{Input: 3, Likelihood: likelihood}
			n := 2
			if likelihood == vae.StudentT {
				n = 3
			}
			for _, edge := range []float64{-40, 40} {
				y := make([]float64, 3*n)
				for i := range y {
					y[i] = edge
					if i < 3 {
						y[i] = -edge
					}
				}
				b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
				params := b.Input("y", 1, n, 3)
				sum := b.Sum(c.LogLikelihoods(b, params, b.Input("x", 1, 3)))
				b.Output("sum", sum)
				b.Output("gradient", b.Grad(sum, params)[0])
				out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": {0, 0.2, 1}, "y": y}))
				for name, values := range out {
					for _, v := range values {
						require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%s of %s at %g in %v: %v", name, likelihood, edge, dtype, values)
					}
				}
			}
		}
	}
}

func TestBlocksHaveTheirOwnLikelihoods(t *testing.T) {
	c := vae.Config{Blocks: []vae.Block{{Size: 2}, {Likelihood: vae.GaussianLearned}, {Likelihood: vae.Bernoulli}, {Likelihood: vae.Multinomial, Size: 3}}}
	x := []float64{0.5, -2, 1.5, 1, 0, 0, 1}
	y := []float64{0.25, -1, 1, -0.5, 0.75, 0.5, -1, 2} // two means; mean and log variance; logit; three logits
	sum := math.Exp(0.5) + math.Exp(-1) + math.Exp(2)
	log2pi := math.Log(2 * math.Pi)
	want := []float64{
		-0.5 * (0.25*0.25 + log2pi), -0.5 * (1 + log2pi),
		-0.5 * (-0.5 + 0.25*math.Exp(0.5) + log2pi),
		math.Log(cdf(0.75)),
		0, 0, 2 - math.Log(sum),
	}
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	params := b.Input("y", 1, 8)
	b.Output("each", c.LogLikelihoods(b, params, b.Input("x", 1, 7)))
	b.Output("recon", c.Recon(b, params))
	require.NoError(t, b.Err())
	out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "y": y}))
	optest.RequireClose(t, "each", want, out["each"], 1e-12)
	optest.RequireClose(t, "recon", []float64{0.25, -1, 1, cdf(0.75), math.Exp(0.5) / sum, math.Exp(-1) / sum, math.Exp(2) / sum}, out["recon"], 1e-12)
}

func TestSeveralCodesOfASampleShareIt(t *testing.T) {
	for _, c := range []vae.Config{
		{Input: 4},
		{Input: 4, Likelihood: vae.BetaBinomial},
		{Input: 4, Likelihood: vae.Categorical, Levels: 3},
		{Blocks: []vae.Block{{Size: 2}, {Likelihood: vae.Multinomial, Size: 2}}},
		{Conv: &vae.Conv{Shape: []int{1, 2, 2}}, Likelihood: vae.GaussianShared},
	} {
		t.Run(c.String(), func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 3), graph.Config{})
			z := b.Input("z", 4, 20)
			x := b.Input("x", append([]int{2}, shapeOf(c)...)...)
			y := c.Decode(b, z, nil)
			b.Output("together", c.LogLikelihood(b, y, x))
			for i := range 2 {
				b.Output(fmt.Sprint("sample ", i), c.LogLikelihood(b, b.Slice(y, 0, 2*i, 2*i+2), b.Reshape(b.Concat(0, b.Slice(x, 0, i, i+1), b.Slice(x, 0, i, i+1)), append([]int{2}, shapeOf(c)...)...)))
			}
			require.NoError(t, b.Err())
			r := rand.New(rand.NewPCG(1, 2))
			codes := make([]float64, 80)
			for i := range codes {
				codes[i] = r.NormFloat64()
			}
			out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"z": codes, "x": {0, 1, 0.5, 1, 1, 0, 0, 0.5}}))
			require.Len(t, out["together"], 4)
			optest.RequireClose(t, "log likelihood", append(out["sample 0"], out["sample 1"]...), out["together"], 1e-12)
			require.NotEqual(t, out["together"][0], out["together"][1])
		})
	}
}

func shapeOf(c vae.Config) []int {
	if c.Conv != nil {
		return c.Conv.Shape
	}
	return []int{4}
}

// The frequencies of drawn values, and means of bounded functions of them, are those of the likelihood.
func TestDrawsFollowTheLikelihood(t *testing.T) {
	const n = 40000
	for _, d := range definitions() {
		t.Run(d.config.String(), func(t *testing.T) {
			c := d.config
			c.Input = 1
			one := []float64{0.4, -0.9, 0.3, 0.2}[:d.params]
			y := make([]float64, 0, n*d.params)
			for range n {
				y = append(y, one...)
			}
			shape := []int{n, d.params, 1}
			if d.params == 1 {
				shape = []int{n, 1}
			}
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Seed: 3})
			b.Output("x", c.Draw(b, b.Input("y", shape...)))
			require.NoError(t, b.Err())
			x := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"y": y}))["x"]

			bounded := []func(x float64) float64{math.Tanh, func(x float64) float64 { return math.Tanh(x) * math.Tanh(x) }}
			want, sum := make([]float64, len(bounded)), 0.0
			add := func(x, weight float64) {
				p := weight * math.Exp(d.logP(x, one))
				sum += p
				for i, f := range bounded {
					want[i] += p * f(x)
				}
			}
			for k := range d.levels {
				add(float64(k)/float64(d.levels-1), 1)
			}
			if d.levels == 0 {
				const points, half = 200000, 200.0
				for k := range points {
					add(-half+(float64(k)+0.5)*2*half/points, 2*half/points)
				}
			}
			require.InDelta(t, 1, sum, 1e-4)
			for i, f := range bounded {
				mean := 0.0
				for _, v := range x {
					mean += f(v) / n
				}
				require.InDelta(t, want[i], mean, 4.5/(2*math.Sqrt(n)), "function %d", i)
			}
		})
	}
}

func TestABlockOfOneCategoryIsDrawnByItsShares(t *testing.T) {
	const n = 40000
	c := vae.Config{Blocks: []vae.Block{{}, {Likelihood: vae.Multinomial, Size: 3}}}
	logits := []float64{0.5, 1, -1, 0.25}
	var y []float64
	for range n {
		y = append(y, logits...)
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Seed: 3})
	b.Output("x", c.Draw(b, b.Input("y", n, 4)))
	require.NoError(t, b.Err())
	x := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"y": y}))["x"]
	sum := math.Exp(1) + math.Exp(-1) + math.Exp(0.25)
	for k := range 3 {
		share := 0.0
		for i := range n {
			v := x[4*i+1+k]
			require.Contains(t, []float64{0, 1}, v)
			share += v / n
		}
		require.InDelta(t, math.Exp(logits[1+k])/sum, share, 0.01)
	}
}
