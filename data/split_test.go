package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// visits is a set of n samples: x [2] as in pattern, the class i%3, the patient i/4 and the day, which goes down.
func visits(t testing.TB, n int) Set {
	patient, day := make([]float32, n), make([]float32, n)
	for i := range n {
		patient[i], day[i] = float32(i/4), float32((n-i)/2)
	}
	return must(With(pattern(t, n), must(InMemory(Array{Name: "patient", Values: patient}, Array{Name: "day", Values: day}))(t)))(t)
}

// valuesOf are the values of a field of one number.
func valuesOf(t testing.TB, set Set, field string) []float32 {
	a, err := ArrayOf(set, field)
	require.NoError(t, err)
	return a.Values
}

// counts says how often each value of a field occurs.
func counts(t testing.TB, set Set, field string) map[float32]int {
	n := map[float32]int{}
	for _, v := range valuesOf(t, set, field) {
		n[v]++
	}
	return n
}

// shareNone checks that each sample of a set of n is in exactly one of the parts.
func shareNone(t testing.TB, n int, parts ...Set) {
	t.Helper()
	var all []int
	for _, p := range parts {
		all = append(all, Indices(p)...)
	}
	slices.Sort(all)
	require.Equal(t, upTo(n), all)
}

func TestASplitHasEverySampleOnOneSide(t *testing.T) {
	set := visits(t, 100)
	for name, opts := range map[string]SplitOptions{
		"at random": {Fraction: 0.2}, "by count": {Count: 20}, "stratified": {Count: 20, Stratify: "label"},
		"in order": {Fraction: 0.2, InOrder: true}, "grouped": {Count: 20, Group: "patient"}, "by time": {Count: 20, Time: "day"},
	} {
		t.Run(name, func(t *testing.T) {
			opts.Seed = 3
			train, held, err := Split(set, opts)
			require.NoError(t, err)
			require.InDelta(t, 20, held.Len(), 1)
			shareNone(t, 100, train, held)
			require.Equal(t, read(t, set, Indices(held)[4]), read(t, held, 4))
			_, again, err := Split(set, opts)
			require.NoError(t, err)
			require.Equal(t, Indices(held), Indices(again))
			require.Contains(t, fmt.Sprint(held), fmt.Sprintf("%d of 100 samples, held out ", held.Len()))
		})
	}
}

func TestARandomSplitIsByItsSeedOnEveryPlatform(t *testing.T) {
	for seed, want := range map[uint64][]int{1: {1, 2, 6}, 2: {3, 6, 7}} {
		_, held, err := Split(pattern(t, 10), SplitOptions{Count: 3, Seed: seed})
		require.NoError(t, err)
		require.Equal(t, want, Indices(held))
	}
}

func TestAStratifiedSplitHasEachClassInProportion(t *testing.T) {
	labels := make([]int, 0, 115)
	for class, n := range []int{60, 30, 10, 0, 15} {
		labels = append(labels, slices.Repeat([]int{class}, n)...)
	}
	set := must(InMemory(Labels(labels)))(t)
	_, held, err := Split(set, SplitOptions{Count: 23, Stratify: "label"})
	require.NoError(t, err)
	require.Equal(t, map[float32]int{0: 12, 1: 6, 2: 2, 4: 3}, counts(t, held, "label"))
	for count := 4; count <= 111; count++ {
		train, held, err := Split(set, SplitOptions{Count: count, Stratify: "label"})
		require.NoError(t, err)
		require.Equal(t, count, held.Len())
		require.Len(t, counts(t, held, "label"), 4)
		require.Len(t, counts(t, train, "label"), 4)
	}
}

func TestAGroupIsOnOneSide(t *testing.T) {
	for seed := range uint64(20) {
		train, held, err := Split(visits(t, 30), SplitOptions{Fraction: 0.3, Seed: seed, Group: "patient"})
		require.NoError(t, err)
		require.InDelta(t, 9, held.Len(), 2)
		left := counts(t, train, "patient")
		for patient := range counts(t, held, "patient") {
			require.NotContains(t, left, patient)
		}
	}
}

func TestASplitByTimeHoldsOutTheLast(t *testing.T) {
	train, held, err := Split(visits(t, 10), SplitOptions{Count: 3, Time: "day"})
	require.NoError(t, err)
	require.Equal(t, []float32{0, 1, 1, 2, 2, 3, 3}, valuesOf(t, train, "day"))
	require.Equal(t, []float32{4, 4, 5}, valuesOf(t, held, "day"))
	train, held, err = Split(visits(t, 10), SplitOptions{Count: 2, Time: "day"})
	require.NoError(t, err)
	require.Equal(t, []float32{4, 4, 5}, valuesOf(t, held, "day"), "samples of the same time stay together")
	require.Equal(t, 7, train.Len())
	_, held, err = Split(visits(t, 10), SplitOptions{Count: 3, InOrder: true})
	require.NoError(t, err)
	require.Equal(t, []int{7, 8, 9}, Indices(held))
}

func TestWhatCannotBeSplitIsAnError(t *testing.T) {
	set := visits(t, 12)
	rare := must(InMemory(Labels([]int{0, 0, 0, 1, 0, 2, 2})))(t)
	broken := must(InMemory(Array{Name: "x", Values: []float32{1, float32(math.NaN())}}))(t)
	for want, try := range map[string]struct {
		set  Set
		opts SplitOptions
	}{
		"split: no set":                                       {nil, SplitOptions{Count: 1}},
		"set Fraction or Count":                               {set, SplitOptions{}},
		"Fraction and Count are set: set one":                 {set, SplitOptions{Fraction: 0.5, Count: 3}},
		"Fraction is 1.5: want a number between 0 and 1":      {set, SplitOptions{Fraction: 1.5}},
		"Count is 12: of 12 samples, 1 to 11 can be held out": {set, SplitOptions{Count: 12}},
		"Stratify and Time are set: set one at most":          {set, SplitOptions{Count: 3, Stratify: "label", Time: "day"}},
		`no field "y"`:                                        {set, SplitOptions{Count: 3, Group: "y"}},
		"field day [] is not one class a sample":              {set, SplitOptions{Count: 3, Stratify: "day"}},
		"field x [2] is not one time a sample":                {set, SplitOptions{Count: 3, Time: "x"}},
		`class 1 of "label" has 1 sample: at least 2`:         {rare, SplitOptions{Count: 3, Stratify: "label"}},
		"with 3 classes, 3 to 9 can be":                       {set, SplitOptions{Count: 2, Stratify: "label"}},
		"all samples are of one group":                        {Limit(set, 4), SplitOptions{Count: 1, Group: "patient"}},
		"too many samples have the same time":                 {part(t, set, 1, 3), SplitOptions{Count: 1, Time: "day"}},
		`field "x": sample 1 is NaN, which is no time`:        {broken, SplitOptions{Count: 1, Time: "x"}},
		`field "x": sample 1 is NaN, which is no group`:       {broken, SplitOptions{Count: 1, Group: "x"}},
		"a set of 1 samples cannot have 2 parts":              {Limit(set, 1), SplitOptions{Count: 1}},
	} {
		_, _, err := Split(try.set, try.opts)
		require.ErrorContains(t, err, want)
	}
}

// part is a Subset.
func part(t testing.TB, set Set, from, to int) Set { return must(Subset(set, from, to))(t) }

func TestPickIsAViewInTheOrderGiven(t *testing.T) {
	set := must(Pick(pattern(t, 5), []int{4, 0, 4}))(t)
	require.Equal(t, []int{4, 0, 4}, Indices(set))
	require.Equal(t, [][]float32{{4, -4}, {1}}, read(t, set, 2))
	require.Equal(t, "3 of 5 samples, picked by index", fmt.Sprint(set))
	require.Equal(t, []int{2, 3}, Indices(part(t, pattern(t, 5), 2, 4)))
	require.Nil(t, Indices(pattern(t, 5)))
	for _, wrong := range []int{-1, 5} {
		_, err := Pick(pattern(t, 5), []int{0, wrong})
		require.ErrorContains(t, err, "there is no such sample in a set of 5")
	}
}
