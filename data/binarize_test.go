package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

func TestBinarizeDrawsEachValueOnceByItsProbability(t *testing.T) {
	const n = 5000
	var x, label []float32
	for range n {
		x = append(x, 0, 0.25, 0.75, 1)
		label = append(label, 2)
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{2, 2}, Values: x}, data.Array{Name: "label", Classes: 3, Values: label})
	require.NoError(t, err)
	read := func(set data.Set, seed uint64) []float32 {
		binary, err := data.Binarize(set, seed)
		require.NoError(t, err)
		require.Equal(t, set.Fields(), binary.Fields())
		a, err := data.ArrayOf(binary, "x")
		require.NoError(t, err)
		return a.Values
	}
	got := read(set, 1)
	ones := [4]int{}
	for i, v := range got {
		require.True(t, v == 0 || v == 1)
		ones[i%4] += int(v)
	}
	require.Equal(t, []int{0, n}, []int{ones[0], ones[3]})
	require.InDelta(t, 0.25*n, ones[1], 150)
	require.InDelta(t, 0.75*n, ones[2], 150)
	require.Equal(t, []float32{0, 0.25, 0.75, 1}, x[:4], "the set is unchanged")
	require.Equal(t, got, read(set, 1))
	require.NotEqual(t, got, read(set, 2))
	require.Equal(t, got[:400], read(data.Limit(set, 100), 1), "a sample does not depend on the others")
}

func TestBinarizeWantsProbabilities(t *testing.T) {
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{2}, Values: []float32{0, 1, 0.5, 3}})
	require.NoError(t, err)
	_, err = data.Binarize(set, 1)
	require.ErrorContains(t, err, "sample 1, element 1 is 3: want a number from 0 to 1")
	_, err = data.Binarize(nil, 1)
	require.ErrorContains(t, err, "binarise")
	set, err = data.InMemory(data.Array{Name: "y", Shape: []int{2}, Values: []float32{0, 1}})
	require.NoError(t, err)
	_, err = data.Binarize(set, 1)
	require.ErrorContains(t, err, `no field "x"`)
}
