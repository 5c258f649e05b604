package data

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// walk is a table of n steps: x [2] is {i, -i}, and series the series' number, in which three steps in turn are.
func walk(t testing.TB, n int) Set {
	series := make([]float32, n)
	for i := range series {
		series[i] = float32(i / 3 % 2)
	}
	return must(With(only(t, pattern(t, n), "x"), must(InMemory(Array{Name: "series", Values: series}))(t)))(t)
}

func windows(t testing.TB, set Set, opts WindowOptions) *Windows {
	w, err := NewWindows(set, opts)
	require.NoError(t, err)
	return w
}

// firsts are the first steps of windows.
func firsts(w *Windows) (rows []int) {
	for i := range w.Len() {
		rows = append(rows, w.Rows(i)[0])
	}
	return rows
}

func TestAWindowHasItsStepsInEitherLayout(t *testing.T) {
	w := windows(t, walk(t, 10), WindowOptions{Length: 4, Stride: 3})
	require.Equal(t, []Field{{Name: "x", Shape: []int{2, 4}}}, w.Fields())
	require.Equal(t, []int{0, 3, 6}, firsts(w))
	require.Equal(t, [][]float32{{3, 4, 5, 6, -3, -4, -5, -6}}, read(t, w, 1))
	w = windows(t, walk(t, 10), WindowOptions{Length: 2, Stride: 4, StepsFirst: true})
	require.Equal(t, []Field{{Name: "x", Shape: []int{2, 2}}}, w.Fields())
	require.Equal(t, [][]float32{{4, -4, 5, -5}}, read(t, w, 1))
	require.Equal(t, "3 windows of 2 steps, 4 apart, over 10 steps of 2 channels", fmt.Sprint(w))
	one := must(InMemory(Array{Name: "power", Values: []float32{1, 2, 3}}))(t)
	w = windows(t, one, WindowOptions{Length: 2, Field: "power"})
	require.Equal(t, []int{1, 2}, w.Fields()[0].Shape)
	require.Equal(t, [][]float32{{2, 3}}, read(t, w, 1))
	require.ErrorContains(t, w.Read(2, [][]float32{{0, 0}}), "windows: no sample 2 in a set of 2")
}

func TestTheLastStepsAreCoveredIfAskedFor(t *testing.T) {
	for n, want := range map[int][]int{9: {0, 3, 5}, 10: {0, 3, 6}, 4: {0}, 5: {0, 1}} {
		require.Equal(t, want, firsts(windows(t, walk(t, n), WindowOptions{Length: 4, Stride: 3, CoverEnd: true})))
	}
}

func TestWindowsStayWithinTheirSeries(t *testing.T) {
	w := windows(t, walk(t, 12), WindowOptions{Length: 4, Series: "series"})
	require.Equal(t, [][]int{{0, 1, 2, 6}, {1, 2, 6, 7}, {2, 6, 7, 8}, {3, 4, 5, 9}, {4, 5, 9, 10}, {5, 9, 10, 11}},
		[][]int{w.Rows(0), w.Rows(1), w.Rows(2), w.Rows(3), w.Rows(4), w.Rows(5)})
	values := make([]float32, 2*5*3)
	for i := range values {
		values[i] = float32(i)
	}
	whole := must(InMemory(Array{Name: "x", Shape: []int{5, 3}, Values: values}))(t)
	for _, set := range []Set{whole, Limit(whole, 9)} {
		w = windows(t, set, WindowOptions{Length: 4, StepsFirst: true})
		require.Equal(t, []int{0, 1, 5, 6}, firsts(w), "two series of five steps")
		require.Equal(t, [][]float32{{18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29}}, read(t, w, 3))
	}
}

func TestWindowsDoNotCrossGaps(t *testing.T) {
	at := []float64{0, 1, 2, 4, 5, 6, 7, 9.5, 10, 11}
	w := windows(t, walk(t, 10), WindowOptions{Length: 3, Time: at, MaxGap: 1})
	require.Equal(t, []int{0, 3, 4, 7}, firsts(w))
	w = windows(t, walk(t, 10), WindowOptions{Length: 4, Time: at, MaxGap: 1, CoverEnd: true})
	require.Equal(t, []int{3}, firsts(w), "stretches that are too short have none")
}

func TestTimesThatAreOutOfOrderOrRepeatedCanBeRepaired(t *testing.T) {
	at := []float64{0, 2, 1, 3, 3, 4}
	_, err := NewWindows(walk(t, 6), WindowOptions{Length: 2, Time: at})
	require.ErrorContains(t, err, "row 2: its time, 1, is before that of row 1, 2: set Sort")
	_, err = NewWindows(walk(t, 6), WindowOptions{Length: 2, Time: at, Sort: true})
	require.ErrorContains(t, err, "row 4: its time, 3, is that of row 3: set DropRepeated")
	w := windows(t, walk(t, 6), WindowOptions{Length: 5, Time: at, Sort: true, DropRepeated: true})
	require.Equal(t, []int{0, 2, 1, 3, 5}, w.Rows(0))
	require.Equal(t, 1, w.Len())
}

func TestScoresSpreadToTheStepsOfTheirWindows(t *testing.T) {
	w := windows(t, walk(t, 6), WindowOptions{Length: 2, Time: []float64{0, 1, 2, 3, 5, 6}, MaxGap: 1, Stride: 1})
	require.Equal(t, []int{0, 1, 2, 4}, firsts(w))
	got, err := w.Spread([]float32{1, 3, 5, 7})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2, 4, 5, 7, 7}, got)
	got, err = w.Spread([]float32{1, 2, 4, 5, 7, 8, 9, 10})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 3, 6, 8, 9, 10}, got)
	got, err = windows(t, walk(t, 6), WindowOptions{Length: 4, Stride: 4}).Spread([]float32{2})
	require.NoError(t, err)
	require.Equal(t, []float32{2, 2, 2, 2}, got[:4])
	require.True(t, got[4] != got[4] && got[5] != got[5], "steps that are in no window")
	_, err = w.Spread([]float32{1})
	require.ErrorContains(t, err, "1 scores for 4 windows of 2 steps")
}

func TestWindowsAreASetLikeAnyOther(t *testing.T) {
	w := windows(t, walk(t, 50), WindowOptions{Length: 4})
	b, err := batchesOf(t, w, BatchOptions{Size: 10, Shuffle: true}).Next(t.Context())
	require.NoError(t, err)
	for k, i := range b.Index {
		require.Equal(t, float32(w.Rows(i)[0]), b.Field("x")[k*8])
	}
	require.Nil(t, w.Rows(47))
}

func TestSecondsCountFromTheFirstTime(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	require.Equal(t, []float64{0, 0.25, 86400 * 365}, Seconds([]time.Time{start, start.Add(250 * time.Millisecond), start.AddDate(1, 0, 0)}))
	require.Empty(t, Seconds(nil))
}

func TestWhatHasNoWindowsIsAnError(t *testing.T) {
	set := walk(t, 6)
	cube := must(InMemory(Array{Name: "x", Shape: []int{1, 2, 3}, Values: make([]float32, 6)}))(t)
	twice := must(InMemory(Array{Name: "x", Shape: []int{2, 3}, Values: make([]float32, 6)}, Labels([]int{0})))(t)
	for want, try := range map[string]struct {
		set  Set
		opts WindowOptions
	}{
		"windows: no set":                                               {nil, WindowOptions{Length: 2}},
		"Length is 0: want the number of steps":                         {set, WindowOptions{}},
		"Stride is -1: want 1 to":                                       {set, WindowOptions{Length: 2, Stride: -1}},
		"MaxGap is NaN":                                                 {set, WindowOptions{Length: 2, MaxGap: math.NaN()}},
		"MaxGap, Sort and DropRepeated are by Time":                     {set, WindowOptions{Length: 2, Sort: true}},
		"2 times for 6 steps":                                           {set, WindowOptions{Length: 2, Time: []float64{1, 2}}},
		"row 1: its time is NaN":                                        {Limit(set, 2), WindowOptions{Length: 2, Time: []float64{1, math.NaN()}}},
		`no field "y": the fields are x, series`:                        {set, WindowOptions{Length: 2, Field: "y"}},
		"no window of 7 steps: the longest stretch without a gap has 6": {set, WindowOptions{Length: 7}},
		"series 0: no window of 4 steps":                                {set, WindowOptions{Length: 4, Series: "series"}},
		"the set has no samples":                                        {Limit(set, 0), WindowOptions{Length: 1}},
		"is not a step [channels], nor a series":                        {cube, WindowOptions{Length: 1}},
		"each sample of field x [2 3] is a series":                      {twice, WindowOptions{Length: 1, Series: "label"}},
	} {
		_, err := NewWindows(try.set, try.opts)
		require.ErrorContains(t, err, want)
	}
}
