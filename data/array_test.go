package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArrayOfIsWhatInMemoryMakesASetOf(t *testing.T) {
	x := Array{Name: "x", Shape: []int{2}, Values: []float32{1, 2, 3, 4, 5, 6}}
	set := must(InMemory(x, Labels([]int{2, 0, 1})))(t)
	for name, want := range map[string]Array{"x": x, "label": Labels([]int{2, 0, 1})} {
		a, err := ArrayOf(set, name)
		require.NoError(t, err)
		require.Equal(t, want, a)
	}
	a, err := ArrayOf(Limit(set, 2), "x")
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2, 3, 4}, a.Values)
}

func TestArrayOfSaysWhatCannotBeRead(t *testing.T) {
	_, err := ArrayOf(pattern(t, 3), "mask")
	require.EqualError(t, err, `array of a field: no field "mask": the fields are x, label`)
	_, err = ArrayOf(nil, "x")
	require.ErrorIs(t, err, errNoSet)
	_, err = ArrayOf(NewDigits(1, math.MaxInt32), "x")
	require.ErrorContains(t, err, "take a Subset")
	double, err := InMemory(Array{Name: "word", Classes: 4, Values: []float32{0, 1}})
	require.NoError(t, err)
	set := must(OneHot(wrong{must(With(double, must(InMemory(Array{Name: "label", Classes: 3, Values: []float32{0, 1}}))(t)))(t)}, "label"))(t)
	_, err = ArrayOf(set, "word")
	require.ErrorContains(t, err, "sample 0")
}
