package dense_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestClusteringIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		dense.Clustering{Config: dense.Config{Input: 6, Hidden: []int{5, 2}, CodeActivation: "linear"}},
		dense.Clustering{Config: dense.Config{Input: 6, Hidden: []int{2}, Loss: graph.MSE}, Clusters: 3, Freedom: 2.5, Keep: 0.1})
}

// Assignments and loss by formula (Xie et al. 2016, eqs. 1 and 2).
func TestAssignmentsFollowStudentsDistribution(t *testing.T) {
	const batch, clusters, size = 4, 3, 2
	for _, c := range []dense.Clustering{
		{Config: dense.Config{Input: 6, Hidden: []int{5, size}, CodeActivation: "linear"}, Clusters: clusters},
		{Config: dense.Config{Input: 6, Hidden: []int{5, size}, CodeActivation: "linear", Loss: graph.MSE}, Clusters: clusters, Freedom: 3, Keep: 0.7},
	} {
		t.Run(c.String(), func(t *testing.T) {
			x, target := make([]float64, batch*6), []float64{1, 0, 0, .5, .5, 0, .2, .3, .5, 0, .1, .9}
			for i := range x {
				x[i] = float64(i*7%11) / 10
			}
			p := graph.NewParams(graph.Float64, 2)
			b := graph.New(p, graph.Config{Training: true})
			modeltest.Name(b, c.Build(b, batch))
			require.NoError(t, b.Err())
			out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "target": target}))
			centres, freedom := p.Get(dense.CentresName).Floats(), max(c.Freedom, 1)
			want, kl := make([]float64, batch*clusters), 0.0
			for i := range batch {
				sum := 0.0
				for j := range clusters {
					d := 0.0
					for k := range size {
						e := out["code"][i*size+k] - centres[j*size+k]
						d += e * e
					}
					want[i*clusters+j] = math.Pow(1+d/freedom, -(freedom+1)/2)
					sum += want[i*clusters+j]
				}
				for j := range clusters {
					want[i*clusters+j] /= sum
					if p := target[i*clusters+j]; p > 0 {
						kl += p * math.Log(p/want[i*clusters+j]) / batch
					}
				}
			}
			optest.RequireClose(t, "assignment", want, out["assignment"], 1e-12)
			optest.RequireClose(t, "kl", []float64{kl}, out[modeltest.Metric("kl")], 1e-12)
			loss := kl
			if c.Keep > 0 {
				loss += c.Keep * out[modeltest.Metric("recon")][0]
			}
			optest.RequireClose(t, "loss", []float64{loss}, out["loss"], 1e-12)
		})
	}
}

func TestTheTargetSharpensAssignments(t *testing.T) {
	c := dense.Clustering{Clusters: 2}
	p, err := c.Target([]float32{.8, .2, .6, .4, .5, .5})
	require.NoError(t, err)
	// f = 1.9, 1.1
	want := func(a, b float64) float64 { return a * a / 1.9 / (a*a/1.9 + b*b/1.1) }
	for i, row := range [][2]float64{{.8, .2}, {.6, .4}, {.5, .5}} {
		require.InDelta(t, want(row[0], row[1]), p[2*i], 1e-6)
		require.InDelta(t, 1, p[2*i]+p[2*i+1], 1e-6)
	}
	require.Greater(t, p[0], float32(.8))
	for want, q := range map[string][]float32{"3 assignments are not rows of 2 clusters": make([]float32, 3), "0 assignments": nil, "negative or NaN": {float32(math.NaN()), 1}} {
		_, err := c.Target(q)
		require.ErrorContains(t, err, want)
	}
	zero, err := c.Target([]float32{1, 0, 1, 0})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 1, 0}, zero, "an empty cluster stays empty")
}

func TestInvalidClusteringsAreErrors(t *testing.T) {
	for want, c := range map[string]dense.Clustering{
		"Clusters is 1, want at least 2": {Clusters: 1},
		"Clusters is -3":                 {Clusters: -3},
		"Freedom is -1":                  {Freedom: -1},
		"Freedom is NaN":                 {Freedom: math.NaN()},
		"Keep is -0.1":                   {Keep: -0.1},
		"Keep is +Inf":                   {Keep: math.Inf(1)},
		"Input is -1":                    {Config: dense.Config{Input: -1}},
	} {
		t.Run(want, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
			require.NotPanics(t, func() { require.Zero(t, c.Build(b, 1)) })
			require.ErrorContains(t, b.Err(), want)
			_, err := c.Summary()
			require.ErrorContains(t, err, want)
		})
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	dense.Clustering{}.LogAssignment(b, b.Input("z", 2, 5))
	require.ErrorContains(t, b.Err(), `layer "clusters": dense: want [N, 32], have [2 5]`)
}
