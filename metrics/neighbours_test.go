package metrics_test

import (
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

func TestNeighboursAreThoseOfSortingAllDistances(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct{ dims, k int }{{1, 1}, {3, 5}, {16, 2}, {37, 7}} {
		x, label := make([]float64, 200*c.dims), make([]int, 200)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		for i := range label {
			label[i] = r.IntN(4)
		}
		points := make([]float64, 50*c.dims)
		for i := range points {
			points[i] = r.NormFloat64()
		}
		v, err := metrics.Neighbours{K: c.k}.Fit(x, c.dims, label)
		require.NoError(t, err)
		got, err := v.Classify(points)
		require.NoError(t, err)
		for i, class := range got {
			square := func(at int) (sum float64) {
				for k := range c.dims {
					d := x[at*c.dims+k] - points[i*c.dims+k]
					sum += d * d
				}
				return sum
			}
			order := make([]int, len(label))
			for k := range order {
				order[k] = k
			}
			sort.Slice(order, func(a, b int) bool { return square(order[a]) < square(order[b]) })
			votes := map[int]int{}
			for _, at := range order[:c.k] {
				votes[label[at]]++
			}
			best := label[order[0]]
			for _, at := range order[:c.k] {
				if votes[label[at]] > votes[best] {
					best = label[at]
				}
			}
			require.Equal(t, best, class, "%+v, point %d", c, i)
		}
		wrong, err := v.Error(points, got)
		require.NoError(t, err)
		require.Zero(t, wrong)
	}
}

func TestWrongNeighboursAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		k, dims int
		x       []float64
		label   []int
		want    string
	}{
		"more neighbours than points": {3, 1, []float64{1, 2}, []int{0, 1}, "3 neighbours among 2 points"},
		"negative neighbours":         {-1, 1, []float64{1, 2}, []int{0, 1}, "want at least 1"},
		"negative label":              {1, 1, []float64{1, 2}, []int{0, -1}, "label -1 of point 1"},
		"labels missing":              {1, 1, []float64{1, 2}, []int{0}, "for 1 labels"},
		"no dimension":                {1, 0, []float64{1, 2}, []int{0, 1}, "0 dimensions"},
	} {
		_, err := metrics.Neighbours{K: c.k}.Fit(c.x, c.dims, c.label)
		require.ErrorContains(t, err, c.want, name)
	}
	v, err := metrics.Neighbours{}.Fit([]float64{1, 2}, 1, []int{0, 1})
	require.NoError(t, err)
	_, err = v.Classify(nil)
	require.ErrorContains(t, err, "are not points")
}
