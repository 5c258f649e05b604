package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func column(t testing.TB, values ...float32) Set {
	return must(InMemory(Array{Name: "x", Shape: []int{2}, Values: values}))(t)
}

func TestStandardizedColumnsHaveMeanZeroAndDeviationOne(t *testing.T) {
	table := column(t, 1, 1e6, 3, 1e6+8, 5, 1e6+1)
	set := must(Standardize(table, "x", table))(t)
	var sums, squares [2]float64
	for i := range 3 {
		for k, v := range read(t, set, i)[0] {
			sums[k] += float64(v)
			squares[k] += float64(v) * float64(v)
		}
	}
	require.InDeltaSlice(t, []float64{0, 0}, sums[:], 1e-6)
	require.InDeltaSlice(t, []float64{3, 3}, squares[:], 1e-5)
	require.InDelta(t, (1.-3)/math.Sqrt(8./3), read(t, set, 0)[0][0], 1e-6)
}

func TestATestSetIsStandardizedByTheTrainingSet(t *testing.T) {
	training := must(With(column(t, 1, 7, 5, 7), must(InMemory(Labels([]int{0, 1})))(t)))(t)
	test := must(With(column(t, 9, 8), must(InMemory(Labels([]int{0})))(t)))(t)
	set := must(Standardize(test, "x", training))(t)
	require.Equal(t, test.Fields(), set.Fields())
	require.Equal(t, [][]float32{{3, 1}, {0}}, read(t, set, 0), "by 3 and 2, and by 7 alone")
}

func TestWhatCannotBeStandardizedIsAnError(t *testing.T) {
	table := column(t, 1, 2, 3, 4)
	for want, try := range map[string]func() (Set, error){
		`no field "y": the fields are x`: func() (Set, error) { return Standardize(table, "y", table) },
		"no set":                         func() (Set, error) { return Standardize(table, "x", nil) },
		"standardize: no set":            func() (Set, error) { return Standardize(nil, "x", table) },
		"there is no sample to fit to":   func() (Set, error) { return Standardize(table, "x", Limit(table, 0)) },
		"sample 1, value 0 is NaN": func() (Set, error) {
			return Standardize(table, "x", column(t, 1, 2, float32(math.NaN()), 4))
		},
		"field x [2]: the scaler was fitted to x []": func() (Set, error) {
			return Standardize(table, "x", must(InMemory(Array{Name: "x", Values: []float32{1}}))(t))
		},
	} {
		_, err := try()
		require.ErrorContains(t, err, want)
	}
}
