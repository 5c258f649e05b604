package metrics_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

// The figures of unequal clusters were computed by hand.
func TestMeasuresOfClusters(t *testing.T) {
	for _, c := range []struct {
		name           string
		label, cluster []int
		acc, nmi, ari  float64
	}{
		{"equal", []int{0, 0, 1, 1, 2}, []int{0, 0, 1, 1, 2}, 1, 1, 1},
		{"renamed", []int{0, 0, 1, 1, 2}, []int{2, 2, 0, 0, 1}, 1, 1, 1},
		{"one cluster", []int{0, 0, 1, 1}, []int{0, 0, 0, 0}, 0.5, 0, 0},
		{"one of each", []int{0, 0, 0}, []int{0, 0, 0}, 1, 1, 1},
		{"more clusters", []int{0, 0, 1, 1}, []int{0, 0, 1, 2}, 0.75, 0.8, 0.5714285714285714},
		{"independent", []int{0, 0, 1, 1}, []int{0, 1, 0, 1}, 0.5, 0, -0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range []struct {
				name string
				of   func(label, cluster []int) (float64, error)
				want float64
			}{{"acc", metrics.ClusterAccuracy, c.acc}, {"nmi", metrics.NMI, c.nmi}, {"ari", metrics.ARI, c.ari}} {
				got, err := m.of(c.label, c.cluster)
				require.NoError(t, err)
				require.InDelta(t, m.want, got, 1e-12, m.name)
			}
		})
	}
}

// TestTheAssignmentIsTheBest compares with all permutations.
func TestTheAssignmentIsTheBest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 50 {
		const classes = 5
		label, cluster := make([]int, 40), make([]int, 40)
		for i := range label {
			label[i], cluster[i] = r.IntN(classes), r.IntN(classes)
		}
		label[0], cluster[1] = classes-1, classes-1
		best := 0
		permute([]int{0, 1, 2, 3, 4}, 0, func(to []int) {
			hits := 0
			for i := range label {
				if to[cluster[i]] == label[i] {
					hits++
				}
			}
			best = max(best, hits)
		})
		got, err := metrics.ClusterAccuracy(label, cluster)
		require.NoError(t, err)
		require.InDelta(t, float64(best)/40, got, 1e-12)
	}
}

func permute(x []int, from int, f func([]int)) {
	if from == len(x) {
		f(x)
		return
	}
	for i := from; i < len(x); i++ {
		x[from], x[i] = x[i], x[from]
		permute(x, from+1, f)
		x[from], x[i] = x[i], x[from]
	}
}

func TestRandomClustersHaveNoAdjustedIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	label, cluster := make([]int, 20000), make([]int, 20000)
	for i := range label {
		label[i], cluster[i] = r.IntN(10), r.IntN(10)
	}
	ari, err := metrics.ARI(label, cluster)
	require.NoError(t, err)
	require.InDelta(t, 0, ari, 0.002)
}

func TestClustersOfOtherSamplesAreErrors(t *testing.T) {
	for _, c := range []struct{ label, cluster []int }{{nil, nil}, {[]int{1}, []int{1, 2}}, {[]int{-1}, []int{0}}, {[]int{0}, []int{1 << 40}}} {
		for _, of := range []func(label, cluster []int) (float64, error){metrics.ClusterAccuracy, metrics.NMI, metrics.ARI} {
			_, err := of(c.label, c.cluster)
			require.ErrorContains(t, err, "metrics: ")
		}
	}
}
