package search_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train/search"
)

// branin has three minima of 0.398 (Dixon and Szegö 1978).
func branin(v search.Values) float64 {
	x, y := v.Float("x"), v.Float("y")
	a := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
	return a*a + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
}

var plane = search.Space{search.Float("x", -5, 10), search.Float("y", 0, 15)}

// tree has parameters of all kinds, of which some depend on others. Its minimum is 0.
var tree = search.Space{
	search.Choice("kind", "round", "flat", "steep"),
	search.Int("depth", 1, 8).When("kind", "round", "steep"),
	search.Float("rate", 1e-4, 1).Log(),
	search.Bool("tied").When("depth", 3, 4, 5),
	search.Int("width", 8, 512).Log().When("kind", "round"),
}

func onTree(v search.Values) float64 {
	f := math.Abs(math.Log10(v.Float("rate")) + 2)
	switch v.Text("kind") {
	case "flat":
		return f + 3
	case "steep":
		return f + 2 + float64(v.Int("depth"))/8
	}
	f += math.Abs(float64(v.Int("depth")-4)) / 4
	if !v.Bool("tied") {
		f += 0.5
	}
	return f + math.Abs(math.Log2(float64(v.Int("width")))-6)/3
}

// minimum is the smallest value of n that are observed in rounds.
func minimum(t *testing.T, s search.Space, m search.Method, f func(search.Values) float64, n, round int, seed uint64) float64 {
	t.Helper()
	o, err := search.NewOptimizer(s, m, seed)
	require.NoError(t, err)
	best := math.Inf(1)
	for done := 0; done < n; {
		all, err := o.Suggest(min(round, n-done))
		require.NoError(t, err)
		for _, s := range all {
			done++
			v := f(s.Values)
			best = min(best, v)
			require.NoError(t, o.Observe(s.Number, v))
		}
	}
	return best
}

func TestModelsOfTheFunctionBeatChance(t *testing.T) {
	for _, c := range []struct {
		name  string
		space search.Space
		f     func(search.Values) float64
		n     int
		round int
	}{
		{"branin", plane, branin, 35, 1},
		{"tree", tree, onTree, 36, 4},
	} {
		mean := map[string]float64{}
		for _, m := range []struct {
			name   string
			method search.Method
			seeds  uint64
		}{{"random", search.Random{}, 10}, {"tpe", search.TPE{}, 10}, {"gp", search.GP{}, 3}} {
			for seed := range m.seeds {
				mean[m.name] += minimum(t, c.space, m.method, c.f, c.n, c.round, seed) / float64(m.seeds)
			}
		}
		t.Logf("%s: means of the smallest of %d values, in rounds of %d: %v", c.name, c.n, c.round, mean)
		require.Less(t, mean["tpe"], 0.8*mean["random"])
		require.Less(t, mean["gp"], 0.6*mean["random"])
	}
}

// An optimiser works with any function.
func ExampleOptimizer() {
	o, err := search.NewOptimizer(search.Space{search.Float("x", -1, 2)}, search.GP{}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	best := math.Inf(1)
	for range 15 {
		next, err := o.Suggest(1)
		if err != nil {
			fmt.Println(err)
			return
		}
		x := next[0].Values.Float("x")
		y := (x - 0.5) * (x - 0.5)
		best = min(best, y)
		if err := o.Observe(next[0].Number, y); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("the minimum to 3 digits:", best < 1e-3)
	// Output:
	// the minimum to 3 digits: true
}
