package graph_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// ones adds a parameter of the given shape whose elements are 1.
func ones(t *testing.T, b *graph.Builder, shape ...int) *graph.Node {
	t.Helper()
	x := b.Param("x", graph.Ones(), shape...)
	require.NoError(t, b.Err())
	return x
}

// clock returns the clock's words.
func clock(epoch, sample uint32) inputs {
	words := lower.ClockWords(epoch, sample)
	return inputs{"clock": words[:]}
}

func TestDropoutKeepsTheMeanAndItsGradientIsTheScaledMask(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		for _, rate := range []float64{.1, .5, .9} {
			const n = 20_000
			b := graph.New(p, graph.Config{Training: true, Seed: 3})
			x := ones(t, b, 100, n/100)
			y := graph.Dropout{Rate: rate}.Apply(b.Scope("drop"), x)
			g := b.Grad(b.Sum(y), x)[0]
			floats := run(t, b, nil, y, g)
			values := floats(y)
			require.Equal(t, values, floats(g), "with an operand of ones, the result and the gradient are the mask divided by 1-rate")
			kept := 0
			scale := 1 / (1 - rate)
			if p.Dtype() == graph.Float32 {
				scale = float64(float32(scale))
			}
			for _, v := range values {
				if v != 0 {
					require.Equal(t, scale, v)
					kept++
				}
			}
			require.InDelta(t, (1-rate)*n, kept, 4*math.Sqrt(n*rate*(1-rate)))
			require.InDelta(t, 1, stat.Mean(values, nil), 4*math.Sqrt(rate/(1-rate)/n))
		}
	})
}

func TestDropoutDropsWhereTheUniformIsBelowTheRate(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		for _, rate := range []float64{.3, .9, 1. / 3} {
			b := graph.New(p, graph.Config{Training: true, Seed: 11})
			y := b.Scope("enc").Dropout(ones(t, b, 50, 20), rate)
			floats := run(t, b, clock(6, 700), y)
			draw := lower.Random{Kind: lower.RandomUniform, Key: lower.RandomKey(11, "enc/dropout")}
			for i, v := range floats(y) {
				u := float64(draw.At(6, uint64(700+i/20), i%20))
				require.Equal(t, u < rate, v == 0)
			}
		}
	})
}

// Gorgonia merges two dropouts of one node into one.
func TestTwoDropoutsOfOneNodeDrawIndependently(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true, Seed: 1})
	x := ones(t, b, 100, 100)
	all := []*graph.Node{b.Dropout(x, .5), b.Dropout(x, .5), b.Scope("a").Dropout(x, .5), b.Scope("b").Dropout(x, .5)}
	floats := run(t, b, nil, all...)
	for i := range all {
		for k := range i {
			require.NotSame(t, all[i], all[k])
			r := stat.Correlation(floats(all[i]), floats(all[k]), nil)
			require.Less(t, math.Abs(r), 4/math.Sqrt(10_000))
		}
	}
}

func TestNoiseIsNormalAndItsGradientIsOne(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		const n = 20_000
		b := graph.New(p, graph.Config{Training: true, Seed: 3})
		x := ones(t, b, 100, n/100)
		y := graph.GaussianNoise{Std: .4}.Apply(b.Scope("noise"), x)
		g := b.Grad(b.Sum(y), x)[0]
		floats := run(t, b, nil, y, g)
		mean, std := stat.MeanStdDev(floats(y), nil)
		require.InDelta(t, 1, mean, 4*.4/math.Sqrt(n))
		require.InDelta(t, .4, std, 4*.4/math.Sqrt(2*n))
		for _, v := range floats(g) {
			require.Equal(t, 1., v)
		}
	})
}

func TestOutsideTrainingNoiseLayersReturnTheirOperand(t *testing.T) {
	eval := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := eval.Input("x", 4, 3)
	require.Same(t, x, graph.Dropout{Rate: .5}.Apply(eval.Scope("a"), x))
	require.Same(t, x, graph.GaussianNoise{Std: 1}.Apply(eval.Scope("b"), x))
	require.Nil(t, eval.InputNode("clock"), "nothing is drawn")
	require.Len(t, eval.Layers(), 2)
	require.NotSame(t, x, graph.GaussianNoise{Std: 1, Always: true}.Apply(eval.Scope("c"), x))
	require.NotNil(t, eval.InputNode("clock"))

	train := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	x = train.Input("x", 4, 3)
	require.Same(t, x, graph.Dropout{}.Apply(train.Scope("a"), x), "rate 0")
	require.Same(t, x, graph.GaussianNoise{}.Apply(train.Scope("b"), x), "deviation 0")
	require.NoError(t, train.Err())
}

// noisy draws dropout and noise for a batch of n rows.
func noisy(t *testing.T, dtype graph.Dtype, seed uint64, n, epoch, sample int) []float64 {
	t.Helper()
	b := graph.New(graph.NewParams(dtype, 1), graph.Config{Training: true, Seed: seed})
	x := ones(t, b, n, 3, 7)
	y := b.Scope("enc").Dropout(b.Scope("enc").AddNoise(x, .5), .25)
	return run(t, b, clock(uint32(epoch), uint32(sample)), y)(y)
}

func TestDrawsBelongToTheSampleNotTheBatch(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		whole := noisy(t, p.Dtype(), 5, 8, 2, 0)
		halves := append(noisy(t, p.Dtype(), 5, 4, 2, 0), noisy(t, p.Dtype(), 5, 4, 2, 4)...)
		require.Equal(t, whole, halves)
		require.Equal(t, whole[3*21:4*21], noisy(t, p.Dtype(), 5, 1, 2, 3))
	})
}

func TestDrawsDifferBySeedEpochAndSample(t *testing.T) {
	all := [][]float64{
		noisy(t, graph.Float32, 5, 100, 0, 0),
		noisy(t, graph.Float32, 6, 100, 0, 0),
		noisy(t, graph.Float32, 5, 100, 1, 0),
		noisy(t, graph.Float32, 5, 100, 1<<16, 0),
		noisy(t, graph.Float32, 5, 100, 0, 100),
	}
	for i := range all {
		for k := range i {
			require.Less(t, math.Abs(stat.Correlation(all[i], all[k], nil)), 4.5/math.Sqrt(2100), "%d and %d", i, k)
		}
	}
}

func TestDrawsDoNotDependOnTheNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := noisy(t, graph.Float32, 5, 300, 0, 0)
	for _, n := range []int{2, 4} {
		runtime.GOMAXPROCS(n)
		require.Equal(t, want, noisy(t, graph.Float32, 5, 300, 0, 0))
	}
}

func TestAStepDrawsNewNumbersWhenTheClockChanges(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	u := b.Uniform("u", 4, 5)
	require.Same(t, b.Clock(), b.Scope("deep").Clock(), "there is one clock")
	m := machine(t, b, nil, u)
	var drawn [][]float64
	for _, at := range [][2]int{{0, 0}, {0, 4}, {1, 0}, {0, 0}} {
		require.NoError(t, m.SetClock(at[0], at[1]))
		require.NoError(t, vm.Run(m))
		x, err := m.Floats("out0")
		require.NoError(t, err)
		drawn = append(drawn, x)
	}
	require.NotEqual(t, drawn[0], drawn[1])
	require.NotEqual(t, drawn[0], drawn[2])
	require.Equal(t, drawn[0], drawn[3])
}

func TestClockMistakesAreErrors(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	u := b.Uniform("u", 2)
	m := machine(t, b, nil, u)
	require.NoError(t, m.SetClock(math.MaxUint32, math.MaxUint32))
	require.ErrorContains(t, m.SetClock(-1, 0), "epoch -1")
	require.ErrorContains(t, m.SetClock(0, -1), "sample -1")

	_, err := u.Op().Do(value.New([]float32{.5, 0, 0, 0}, graph.Shape{4}))
	require.ErrorContains(t, err, "word 0 of the clock is 0.5")

	b = graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Input("clock", 3)
	b.Scope("enc").Uniform("u", 2)
	require.ErrorContains(t, b.Err(), `layer "enc"`)
	require.ErrorContains(t, b.Err(), "give that input another name")
}

func TestNoGradientReachesTheClock(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Grad(b.Sum(b.Uniform("u", 2)), b.Clock())
	require.ErrorContains(t, b.Err(), "uniform has none")
}
