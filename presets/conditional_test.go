package presets

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
)

func TestLabelsAreKnownForAsManySamplesOfEachClass(t *testing.T) {
	digits := data.NewDigits(1, 2000)
	whole, err := data.ArrayOf(digits, graph.InputLabel)
	require.NoError(t, err)
	for labels, copies := range map[int]int{20: 2, 500: 1} {
		set, err := withLabels(digits, labels, 3)
		require.NoError(t, err)
		label, err := data.ArrayOf(set, graph.InputLabel)
		require.NoError(t, err)
		labelled, err := data.ArrayOf(set, vae.InputLabelled)
		require.NoError(t, err)
		require.Equal(t, 2000+labels*(copies-1), set.Len())
		var of [10]int
		for i, known := range labelled.Values {
			if known == 0 {
				require.Zero(t, label.Values[i], "the label is hidden")
				continue
			}
			of[int(label.Values[i])]++
			if i < 2000 {
				require.Equal(t, whole.Values[i], label.Values[i])
			}
		}
		for _, n := range of {
			require.Equal(t, labels/10*copies, n)
		}
		other, err := withLabels(digits, labels, 4)
		require.NoError(t, err)
		drawn, err := data.ArrayOf(other, vae.InputLabelled)
		require.NoError(t, err)
		require.NotEqual(t, labelled.Values, drawn.Values, "the seed draws the labels")
	}
}

func TestOnlyMissingValuesCountInTheError(t *testing.T) {
	full, err := data.InMemory(data.Array{Name: graph.InputX, Shape: []int{2}, Values: []float32{1, 2, 3, 4}})
	require.NoError(t, err)
	holed, err := data.InMemory(data.Array{Name: graph.InputMask, Shape: []int{2}, Values: []float32{1, 0, 0, 1}})
	require.NoError(t, err)
	mse, err := errorOfMissing(full, holed, []float32{9, 2.5, 1, 9})
	require.NoError(t, err)
	require.InDelta(t, (0.25+4)/2, mse, 1e-12)
}

func TestHeldOutItemsAreRankedAmongThoseThatWereNotSeen(t *testing.T) {
	set, err := data.InMemory(
		data.Array{Name: graph.InputX, Shape: []int{3}, Values: []float32{1, 0, 0, 0, 0, 1}},
		data.Array{Name: "held", Shape: []int{3}, Values: []float32{0, 0, 1, 0, 0, 0}})
	require.NoError(t, err)
	means, err := rankHeld(set, []float32{9, 1, 2, 0, 0, 0}, 1)
	require.NoError(t, err)
	require.Equal(t, [2]float64{1, 1}, means, "the second user has nothing to find")
}
