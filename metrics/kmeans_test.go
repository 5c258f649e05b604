package metrics_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

// blobs draws n points around each of the centres (10 i, -10 i), and their labels.
func blobs(clusters, n int) (x []float64, label []int) {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range clusters * n {
		c := i % clusters
		x = append(x, 10*float64(c)+r.NormFloat64(), -10*float64(c)+r.NormFloat64())
		label = append(label, c)
	}
	return x, label
}

func TestKMeansFindsClustersThatAreFarApart(t *testing.T) {
	x, label := blobs(7, 60)
	c, err := metrics.KMeans{Clusters: 7, Seed: 3}.Fit(x, 2)
	require.NoError(t, err)
	acc, err := metrics.ClusterAccuracy(label, c.Label)
	require.NoError(t, err)
	require.Equal(t, 1.0, acc)
	inertia := 0.0
	for i := range label {
		inertia += math.Pow(x[2*i]-c.Centres[2*c.Label[i]], 2) + math.Pow(x[2*i+1]-c.Centres[2*c.Label[i]+1], 2)
	}
	require.InDelta(t, inertia, c.Inertia, 1e-9*inertia)
	require.InDelta(t, 2*420, c.Inertia, 100, "each coordinate has variance 1")
}

func TestKMeansDoesNotDependOnTheProcessors(t *testing.T) {
	x := make([]float64, 3000)
	r := rand.New(rand.NewPCG(2, 2))
	for i := range x {
		x[i] = r.Float64()
	}
	k := metrics.KMeans{Clusters: 9, Starts: 5, Seed: 1}
	want, err := k.Fit(x, 3)
	require.NoError(t, err)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	got, err := k.Fit(x, 3)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestMoreStartsAreNotWorse(t *testing.T) {
	x, _ := blobs(12, 10)
	last := math.Inf(1)
	for _, starts := range []int{1, 4, 16} {
		c, err := metrics.KMeans{Clusters: 12, Starts: starts}.Fit(x, 2)
		require.NoError(t, err)
		require.LessOrEqual(t, c.Inertia, last)
		last = c.Inertia
	}
}

func TestEqualPointsAndAsManyClustersAsPoints(t *testing.T) {
	c, err := metrics.KMeans{Clusters: 2}.Fit([]float64{1, 1, 1, 1}, 1)
	require.NoError(t, err)
	require.Zero(t, c.Inertia)
	c, err = metrics.KMeans{Clusters: 3}.Fit([]float64{1, 5, 9}, 1)
	require.NoError(t, err)
	require.Zero(t, c.Inertia)
	require.ElementsMatch(t, []float64{1, 5, 9}, c.Centres)
}

func TestKMeansNamesWhatIsWrong(t *testing.T) {
	for want, f := range map[string]func() (*metrics.Clusters, error){
		"3 values are not points of 2 dimensions": func() (*metrics.Clusters, error) { return metrics.KMeans{Clusters: 1}.Fit(make([]float64, 3), 2) },
		"3 clusters of 2 points":                  func() (*metrics.Clusters, error) { return metrics.KMeans{Clusters: 3}.Fit(make([]float64, 4), 2) },
		"0 clusters of 2 points":                  func() (*metrics.Clusters, error) { return metrics.KMeans{}.Fit(make([]float64, 4), 2) },
		"-1 starts": func() (*metrics.Clusters, error) {
			return metrics.KMeans{Clusters: 1, Starts: -1}.Fit(make([]float64, 4), 2)
		},
		"not finite": func() (*metrics.Clusters, error) { return metrics.KMeans{Clusters: 1}.Fit([]float64{1, math.NaN()}, 1) },
	} {
		_, err := f()
		require.ErrorContains(t, err, want)
	}
}
