package cluster_test

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cluster"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// corners are three groups of points, each near a corner of a cube in eight dimensions.
func corners(t *testing.T) (data.Set, []int) {
	random := rand.New(rand.NewPCG(1, 1))
	x := data.Array{Name: graph.InputX, Shape: []int{8}}
	var label []int
	for i := range 600 {
		label = append(label, i%3)
		for k := range 8 {
			v := 0.2 + 0.1*random.NormFloat64()
			if k%3 == i%3 {
				v += 0.6
			}
			x.Values = append(x.Values, float32(min(1, max(0, v))))
		}
	}
	set, err := data.InMemory(x)
	require.NoError(t, err)
	return set, label
}

func TestClustersOfAnyAutoencoderAreFound(t *testing.T) {
	set, label := corners(t)
	small := dense.Config{Input: 8, Hidden: []int{2}, CodeActivation: "linear", Loss: graph.MSE}
	for name, c := range map[string]struct {
		ae    train.Model
		net   cluster.Net
		least float64 // accuracy
	}{
		"dense, its own net": {small, dense.Clustering{Config: small, Clusters: 3}, 0.95},
		"dense":              {small, cluster.Model{Autoencoder: small, Clusters: 3, Size: 2}, 0.95},
		"vae, kept":          {vae.Config{Input: 8, Hidden: []int{16}, Latent: 2, Likelihood: vae.GaussianShared}, cluster.Model{Autoencoder: vae.Config{Input: 8, Hidden: []int{16}, Latent: 2, Likelihood: vae.GaussianShared}, Clusters: 3, Size: 2, Keep: 0.1}, 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			o := train.Options{Backend: cpu.Config{Threads: 1}, Epochs: 60, Batch: 50, Seed: 1}
			trained, err := train.Fit(t.Context(), c.ae, set, o)
			require.NoError(t, err)
			o = train.Options{Backend: o.Backend, Params: trained.Params}
			found, err := cluster.Embedded{Rounds: 3, Steps: 20, Seed: 1}.Fit(t.Context(), c.ae, c.net, set, o)
			require.NoError(t, err)
			score, err := cluster.Scores(label, found.Cluster)
			require.NoError(t, err)
			require.Greater(t, score.Accuracy, c.least)
			require.Greater(t, score.NMI, c.least/3)
			require.Len(t, found.Start, 600)
			require.Len(t, found.Probability, 1800)
			sum := found.Probability[0] + found.Probability[1] + found.Probability[2]
			require.InDelta(t, 1, sum, 1e-5)
		})
	}
}

// counted counts how often each sample is read.
type counted struct {
	data.Set
	reads []atomic.Int64
}

func (c *counted) Read(i int, to [][]float32) error {
	c.reads[i].Add(1)
	return c.Set.Read(i, to)
}

func TestRoundsTrainOnAllSamples(t *testing.T) {
	set, _ := corners(t)
	c := &counted{Set: set, reads: make([]atomic.Int64, set.Len())}
	small := dense.Config{Input: 8, Hidden: []int{2}, CodeActivation: "linear", Loss: graph.MSE}
	o := train.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1), Batch: 100}
	const rounds, steps = 12, 2
	found, err := cluster.Embedded{Rounds: rounds, Steps: steps, Changes: -1, Seed: 1}.Fit(t.Context(), small, dense.Clustering{Config: small, Clusters: 3}, c, o)
	require.NoError(t, err)
	least := c.reads[0].Load()
	for i := range c.reads {
		least = min(least, c.reads[i].Load())
	}
	trained := 0 // samples that were read for more than codes and assignments, as often as all others
	for i := range c.reads {
		if c.reads[i].Load() > least {
			trained++
		}
	}
	require.Equal(t, rounds, found.Rounds)
	require.Greater(t, trained, 2*steps*o.Batch, "a round has %d samples", steps*o.Batch)
}

// The net for any autoencoder is that of dense.Clustering, to the last bit.
func TestTheNetOfAnyAutoencoderIsThatOfDenseClustering(t *testing.T) {
	set, _ := corners(t)
	small := dense.Config{Input: 8, Hidden: []int{2}, CodeActivation: "linear", Loss: graph.MSE}
	var found []*cluster.Found
	for _, net := range []cluster.Net{dense.Clustering{Config: small, Clusters: 3}, cluster.Model{Autoencoder: small, Clusters: 3, Size: 2}} {
		o := train.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1)}
		f, err := cluster.Embedded{Rounds: 2, Steps: 10, Seed: 1}.Fit(t.Context(), small, net, set, o)
		require.NoError(t, err)
		found = append(found, f)
	}
	require.Equal(t, found[0], found[1])
}

func TestWrongClusteringsAreErrors(t *testing.T) {
	set, _ := corners(t)
	few, err := data.Subset(set, 0, 2)
	require.NoError(t, err)
	small := dense.Config{Input: 8, Hidden: []int{2}, Loss: graph.MSE}
	net := cluster.Model{Autoencoder: small, Clusters: 3, Size: 2}
	o := train.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1)}
	for name, c := range map[string]struct {
		net  cluster.Net
		set  data.Set
		o    train.Options
		want string
	}{
		"more clusters than samples": {net, few, o, "3 clusters of 2 points"},
		"one cluster":                {cluster.Model{Autoencoder: small, Clusters: 1, Size: 2}, set, o, "Clusters is 1"},
		"another size":               {cluster.Model{Autoencoder: small, Clusters: 3, Size: 3}, set, o, "3"},
		"no parameters":              {net, set, train.Options{Backend: o.Backend}, "no parameters"},
	} {
		c.o.Params = map[bool]*graph.Params{true: graph.NewParams(graph.Float32, 1)}[c.o.Params != nil]
		_, err := cluster.Embedded{Rounds: 1, Steps: 1}.Fit(t.Context(), small, c.net, c.set, c.o)
		require.ErrorContains(t, err, c.want, name)
	}
	_, err = cluster.Scores([]int{1}, nil)
	require.Error(t, err)
}
