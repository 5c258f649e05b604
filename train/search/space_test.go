package search_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/search"
)

// all are the suggestions of a method, at most 1000.
func all(t *testing.T, s search.Space, m search.Method) (out []string) {
	t.Helper()
	o, err := search.NewOptimizer(s, m, 1)
	require.NoError(t, err)
	suggested, err := o.Suggest(1000)
	require.NoError(t, err)
	for i, v := range suggested {
		require.Equal(t, i+1, v.Number)
		out = append(out, v.Values.String())
	}
	return out
}

func TestAGridHasEachCombinationOnce(t *testing.T) {
	require.Equal(t, []string{
		"a=1 kind=x n=1", "a=1 kind=x n=2", "a=1 kind=y", "a=10 kind=x n=1", "a=10 kind=x n=2", "a=10 kind=y", "a=100 kind=x n=1", "a=100 kind=x n=2", "a=100 kind=y",
	}, all(t, search.Space{search.Float("a", 1, 100).Log(), search.Choice("kind", "x", "y"), search.Int("n", 1, 2).When("kind", "x")}, search.Grid{}))
	require.Equal(t, []string{"n=3", "n=5", "n=7"}, all(t, search.Space{search.Int("n", 3, 7)}, search.Grid{}))
	require.Equal(t, []string{"n=3", "n=4", "n=5", "n=6", "n=7"}, all(t, search.Space{search.Int("n", 3, 7)}, search.Grid{Points: 40}))
	require.Len(t, all(t, tree, search.Grid{Points: 2}), 2*(2*2+1+2), "two depths without a tied net")
}

func TestDrawsAreEvenAndWithinBounds(t *testing.T) {
	s := search.Space{search.Int("n", 1, 3), search.Int("log", 1, 100).Log(), search.Float("rate", 1e-4, 1).Log(), search.Choice("list", []int{1}, []int{2, 3}, nil)}
	o, err := search.NewOptimizer(s, search.Random{}, 4)
	require.NoError(t, err)
	const n = 1200
	suggested, err := o.Suggest(n)
	require.NoError(t, err)
	counts := map[string]int{}
	for _, v := range suggested {
		counts[fmt.Sprint("n", v.Values.Int("n"))]++
		counts[fmt.Sprint(v.Values["list"])]++
		if v.Values.Int("log") <= 10 {
			counts["to ten"]++
		}
		rate := v.Values.Float("rate")
		require.True(t, rate >= 1e-4 && rate <= 1)
		counts[fmt.Sprint("e", math.Floor(math.Log10(rate)))]++
	}
	for _, name := range []string{"n1", "n2", "n3", "[1]", "[2 3]", "<nil>"} {
		require.InDelta(t, n/3, counts[name], n/16, name)
	}
	for _, name := range []string{"e-1", "e-2", "e-3", "e-4"} {
		require.InDelta(t, n/4, counts[name], n/16, name)
	}
	require.InDelta(t, n*math.Log(10.5/0.5)/math.Log(100.5/0.5), counts["to ten"], n/16)
}

func TestSuggestionsFollowFromSeedAndObservations(t *testing.T) {
	for _, m := range []search.Method{nil, search.Random{}, search.GP{Startup: 4}, search.TPE{Startup: 4}} {
		var runs [3][]string
		for i, seed := range []uint64{7, 7, 8} {
			o, err := search.NewOptimizer(tree, m, seed)
			require.NoError(t, err)
			for range 5 {
				round, err := o.Suggest(3)
				require.NoError(t, err)
				for k := range round {
					if i == 1 {
						k = len(round) - 1 - k // results may come in any order
					}
					runs[i] = append(runs[i], fmt.Sprint(round[k].Number, round[k].Values))
					require.NoError(t, o.Observe(round[k].Number, onTree(round[k].Values)))
				}
			}
		}
		require.ElementsMatch(t, runs[0], runs[1])
		require.NotEqual(t, runs[0], runs[2])
	}
}

func TestFailuresAndSmallSpacesDoNotStopASearch(t *testing.T) {
	for _, m := range []search.Method{search.TPE{Startup: 2}, search.GP{Startup: 2}} {
		o, err := search.NewOptimizer(search.Space{search.Choice("a", 1, 2, 3), search.Bool("b")}, m, 1)
		require.NoError(t, err)
		seen := map[string]bool{}
		for k := range 20 {
			s, err := o.Suggest(1)
			require.NoError(t, err)
			require.NoError(t, o.Observe(s[0].Number, []float64{math.NaN(), 1, math.Inf(1), 2, 0}[k%5]))
			seen[s[0].Values.String()] = true
		}
		require.Len(t, seen, 6, "%T", m)
		require.ErrorContains(t, o.Observe(21, 0), "suggestion 21 of 20")
	}
}

func TestAWrongSpaceIsRefused(t *testing.T) {
	a := search.Choice("a", "x", "y")
	for want, s := range map[string]search.Space{
		"no parameters":               {},
		"a parameter has no name":     {{}},
		`"a" is there twice`:          {a, a},
		"does not come before it":     {search.Bool("b").When("a", "x"), a},
		`the value z of "a"`:          {a, search.Bool("b").When("a", "z")},
		"for none of its values":      {a, search.Bool("b").When("a")},
		"not a choice or a whole":     {search.Float("f", 0, 1), search.Bool("b").When("f", 0.5)},
		"needs bounds above 0":        {search.Float("f", 0, 1).Log()},
		"want the lower bound first":  {search.Int("n", 2, 1)},
		"choice 2 is there twice":     {search.Choice("c", 1, 1)},
		"there is no value to choose": {search.Choice("c")},
	} {
		require.ErrorContains(t, s.Validate(), want)
	}
	require.NoError(t, tree.Validate())
}

func TestValuesSetFieldsByTheirPath(t *testing.T) {
	v := search.Values{"dense.hidden.1": 7, "dense.hidden.0": 30, "dense.activation": "tanh", "dense.tied": true, "conv.kernel": []int{5, 3}, "model": "dense"}
	net := dense.Config{Input: 12, Hidden: []int{1, 2, 3}}
	require.NoError(t, v.Into("dense", &net))
	require.Equal(t, dense.Config{Input: 12, Hidden: []int{30, 7}, Activation: "tanh", Tied: true}, net)
	var c conv.Config
	require.NoError(t, v.Into("conv", &c))
	require.Equal(t, 5, c.Kernel[0])
	for want, v := range map[string]search.Values{
		`unknown field "depth"`:        {"dense.depth": 1},
		"no element 0":                 {"dense.hidden.1": 1},
		"sets all of \"hidden\"":       {"dense.hidden": 1, "dense.hidden.0": 1},
		"cannot unmarshal string into": {"dense.input": "x"},
	} {
		require.ErrorContains(t, v.Into("dense", &net), want)
	}
}

func TestValuesSetOptionsOfTraining(t *testing.T) {
	var o train.Options
	require.NoError(t, search.Values{"t.batch": 32, "t.epochs": 3, "t.rate": 0.5, "t.optimizer": "sgd", "t.momentum": 0.9, "t.schedule": "linear", "t.warmup": 0.5}.Training("t", &o))
	require.Equal(t, 32, o.Batch)
	require.Equal(t, 3, o.Epochs)
	require.Equal(t, optim.SGD{Rate: new(0.5), Momentum: 0.9}, o.Optimizer)
	require.Equal(t, 0.25, o.Schedules["rate"](0, 2))
	require.Equal(t, 0.5, o.Schedules["rate"](1, 2))
	o = train.Options{}
	require.NoError(t, search.Values{"t.rate": 0.1, "t.beta1": 0.5}.Training("t", &o))
	require.Equal(t, optim.Adam{Rate: new(0.1), Beta1: new(0.5)}, o.Optimizer)
	require.Nil(t, o.Schedules)
	require.NoError(t, search.Values{"t.optimizer": "adamw", "t.weightDecay": 0.2}.Training("t", &o))
	require.Equal(t, optim.AdamW{WeightDecay: new(0.2)}, o.Optimizer)
	require.ErrorContains(t, search.Values{"t.rate": 0.1, "t.momentum": 0.5}.Training("t", &o), `the optimiser "adam": json: unknown field "momentum"`)
	require.ErrorContains(t, search.Values{"t.schedule": "steps"}.Training("t", &o), "want constant, linear or cosine")
}

func TestBracketsAreThoseOfThePaper(t *testing.T) {
	type rungs = []search.Rung
	for _, c := range []struct {
		h    search.Halving
		want []rungs
	}{
		// Li et al. 2018, table 1.
		{search.Halving{MaxEpochs: 81}, []rungs{
			{{81, 1}, {27, 3}, {9, 9}, {3, 27}, {1, 81}}, {{34, 3}, {11, 9}, {3, 27}, {1, 81}}, {{15, 9}, {5, 27}, {1, 81}}, {{8, 27}, {2, 81}}, {{5, 81}},
		}},
		{search.Halving{MaxEpochs: 8, Eta: 2}, []rungs{{{8, 1}, {4, 2}, {2, 4}, {1, 8}}, {{6, 2}, {3, 4}, {1, 8}}, {{4, 4}, {2, 8}}, {{4, 8}}}},
		{search.Halving{MaxEpochs: 20, MinEpochs: 2, Count: 1}, []rungs{{{9, 2}, {3, 7}, {1, 20}}}},
		{search.Halving{MaxEpochs: 2}, []rungs{{{1, 2}}}},
	} {
		got, err := c.h.Brackets()
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestASpaceIsWrittenAsJSON(t *testing.T) {
	text, err := json.Marshal(tree[:2])
	require.NoError(t, err)
	require.JSONEq(t, `[{"name": "kind", "kind": "choice", "choices": ["round", "flat", "steep"]}, {"name": "depth", "kind": "int", "low": 1, "high": 8, "parent": "kind", "when": ["round", "steep"]}]`, string(text))
}
