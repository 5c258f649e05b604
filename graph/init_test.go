package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/stheno-ml/stheno/graph"
)

func start(t *testing.T, init graph.Init, d graph.Draw, shape ...int) []float64 {
	t.Helper()
	w := make([]float64, graph.Shape(shape).Size())
	require.NoError(t, init(d, shape, w))
	return w
}

func TestStartsHaveTheirDistributions(t *testing.T) {
	conv := []int{64, 32, 3, 3} // fans 288 and 576
	dense := []int{100, 200}
	sqrt := math.Sqrt
	for name, c := range map[string]struct {
		init      graph.Init
		shape     []int
		mean, std float64
		bound     float64 // of the magnitude; 0 means unbounded, for normals
	}{
		"zeros":                    {graph.Zeros(), dense, 0, 0, 1e-300},
		"ones":                     {graph.Ones(), dense, 1, 0, 1},
		"constant":                 {graph.Constant(-.1), dense, -.1, 0, .1},
		"uniform":                  {graph.Uniform(-1, 3), dense, 1, 4 / sqrt(12), 3},
		"normal":                   {graph.Normal(2, .5), dense, 2, .5, 0},
		"glorot uniform, dense":    {graph.GlorotUniform(0, 0), dense, 0, sqrt(2. / 300), sqrt(6. / 300)},
		"glorot uniform, filter":   {graph.GlorotUniform(0, 0), conv, 0, sqrt(2. / 864), sqrt(6. / 864)},
		"glorot uniform, by fans":  {graph.GlorotUniform(10, 40), dense, 0, sqrt(2. / 50), sqrt(6. / 50)},
		"glorot uniform, one fan":  {graph.GlorotUniform(0, 40), dense, 0, sqrt(2. / 140), sqrt(6. / 140)},
		"glorot normal":            {graph.GlorotNormal(0, 0), dense, 0, sqrt(2. / 300), 0},
		"he uniform, filter":       {graph.HeUniform(0), conv, 0, sqrt(2. / 288), sqrt(6. / 288)},
		"he normal, dense":         {graph.HeNormal(0), dense, 0, sqrt(2. / 100), 0},
		"he normal, vector by fan": {graph.HeNormal(8), []int{20000}, 0, .5, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, c.init, graph.Draw{Seed: 3, Name: name}, c.shape...)
			n := float64(len(w))
			mean, std := stat.PopMeanStdDev(w, nil)
			require.InDelta(t, c.mean, mean, 4*c.std/sqrt(n)+1e-12)
			require.InDelta(t, c.std, std, 4*c.std/sqrt(n)+1e-12)
			for _, v := range w {
				if c.bound > 0 {
					require.LessOrEqual(t, math.Abs(v), c.bound*(1+1e-7))
				}
				if c.std > 0 {
					require.Equal(t, float64(float32(v)), v, "not rounded to float32")
				}
			}
		})
	}
}

func TestOrthogonalStartsAreOrthonormalTimesTheGain(t *testing.T) {
	const gain = 1.5
	for _, shape := range [][]int{{1, 1}, {1, 7}, {7, 1}, {5, 5}, {4, 9}, {9, 4}, {6, 2, 3, 3}, {40, 2, 3, 3}, {128, 128}} {
		w := start(t, graph.Orthogonal(gain), graph.Draw{Seed: 1, Name: "w"}, shape...)
		rows, cols := shape[0], graph.Shape(shape[1:]).Size()
		at := func(i, j int) float64 { return w[i*cols+j] }
		if rows > cols {
			rows, cols, at = cols, rows, func(i, j int) float64 { return w[j*rows+i] }
		}
		for i := range rows {
			for k := range rows {
				sum, want := 0.0, 0.0
				for j := range cols {
					sum += at(i, j) * at(k, j)
				}
				if i == k {
					want = gain * gain
				}
				require.InDelta(t, want, sum, 1e-6, "%v: rows %d and %d", shape, i, k)
			}
		}
	}
}

// For a uniform distribution over the orthogonal matrices, every entry has mean 0 and
// variance 1/n. For n = 2, all angles and both determinants are equally likely.
func TestOrthogonalStartsFavourNoDirection(t *testing.T) {
	const n = 4000
	quadrants, positive := [4]int{}, 0
	for seed := range uint64(n) {
		w := start(t, graph.Orthogonal(1), graph.Draw{Seed: seed, Name: "w"}, 2, 2)
		q := 0
		if w[0] < 0 {
			q++
		}
		if w[1] < 0 {
			q += 2
		}
		quadrants[q]++
		if w[0]*w[3]-w[1]*w[2] > 0 {
			positive++
		}
	}
	for _, c := range quadrants {
		require.InDelta(t, n/4, c, 4*math.Sqrt(n*3./16))
	}
	require.InDelta(t, n/2, positive, 4*math.Sqrt(n/4.))
}

func TestBlocksStartOneByOne(t *testing.T) {
	d := graph.Draw{Seed: 5, Name: "lstm/u"}
	w := start(t, graph.Blocks(1, 4, graph.Orthogonal(1)), d, 3, 12)
	for i := range 4 {
		d := graph.Draw{Seed: 5, Name: "lstm/u#" + string(rune('0'+i))}
		block := start(t, graph.Orthogonal(1), d, 3, 3)
		for r := range 3 {
			require.Equal(t, block[3*r:3*r+3], w[12*r+3*i:12*r+3*i+3])
		}
	}
	bias := start(t, graph.Sections(0, graph.Zeros(), graph.Ones(), nil, graph.Constant(2)), d, 8)
	require.Equal(t, []float64{0, 0, 1, 1, 0, 0, 2, 2}, bias)
}

func TestStartsDependOnSeedAndNameAlone(t *testing.T) {
	p, q := graph.NewParams(graph.Float32, 9), graph.NewParams(graph.Float64, 9)
	a := graph.New(p, graph.Config{})
	a.Param("one", graph.HeNormal(0), 5, 3)
	a.Scope("s").Param("two", graph.GlorotUniform(0, 0), 5, 3)
	b := graph.New(q, graph.Config{})
	b.Scope("s").Param("two", graph.GlorotUniform(0, 0), 5, 3)
	b.Param("one", graph.HeNormal(0), 5, 3)
	require.NoError(t, a.Err())
	require.NoError(t, b.Err())
	for _, name := range []string{"one", "s/two"} {
		require.Equal(t, p.Get(name).Floats(), q.Get(name).Floats(), "float32 and float64 start from the same values, in any order of building")
	}
	init := graph.Normal(0, 1)
	base := start(t, init, graph.Draw{Seed: 9, Name: "w"}, 2000)
	for _, d := range []graph.Draw{{Seed: 10, Name: "w"}, {Seed: 9, Name: "v"}, {Seed: 9, Name: "a/w"}} {
		other := start(t, init, d, 2000)
		require.Less(t, math.Abs(stat.Correlation(base, other, nil)), 4/math.Sqrt(2000))
	}
	require.Equal(t, base[:1000], start(t, init, graph.Draw{Seed: 9, Name: "w"}, 1000), "the element index is the counter")
}

func TestWrongStartsAreErrorsThatNameTheParameter(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for want, c := range map[string]struct {
		init  graph.Init
		shape []int
	}{
		"bounds in order":               {graph.Uniform(1, 0), []int{3}},
		"[NaN, 1]: want finite":         {graph.Uniform(nan, 1), []int{3}},
		"[-Inf, 1]: want finite":        {graph.Uniform(-inf, 1), []int{3}},
		"standard deviation -1":         {graph.Normal(0, -1), []int{3}},
		"standard deviation NaN":        {graph.Normal(0, nan), []int{3}},
		"mean +Inf":                     {graph.Normal(inf, 1), []int{3}},
		"shape [3] has no fans":         {graph.GlorotUniform(0, 0), []int{3}},
		"give the fans":                 {graph.HeNormal(0), []int{3}},
		"fans -1 and 1":                 {graph.HeUniform(-1), []int{3, 3}},
		"at least two axes":             {graph.Orthogonal(1), []int{3}},
		"gain NaN":                      {graph.Orthogonal(nan), []int{3, 3}},
		"in 4 blocks along axis 1":      {graph.Blocks(1, 4, graph.Ones()), []int{3, 6}},
		"in 2 blocks along axis 2":      {graph.Blocks(2, 2, graph.Ones()), []int{2, 2}},
		"in -1 blocks along axis 0":     {graph.Blocks(0, -1, graph.Ones()), []int{2, 2}},
		"block 0: orthogonal start of ": {graph.Blocks(0, 2, graph.Orthogonal(1)), []int{4}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		b.Scope("enc").Param("w", c.init, c.shape...)
		require.ErrorContains(t, b.Err(), `parameter "enc/w"`)
		require.ErrorContains(t, b.Err(), want)
	}
}
