package recipe_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/recipe"
)

// curve is a run on the points of an S in space.
func curve(t *testing.T) *recipe.Run {
	t.Helper()
	r, err := recipe.Parse([]byte(`
data: {source: s-curve, validation: 0}
model: {type: dense, hidden: [32, 32, 2], activation: tanh, codeActivation: linear}
train: {epochs: 30, batch: 64, optimizer: {type: adam, rate: 0.003}}
seed: 1
threads: 1
`), "curve.yaml")
	require.NoError(t, err)
	run, err := r.Train(t.Context(), filepath.Join(t.TempDir(), "run"), recipe.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	return run
}

func TestUsesOfCodes(t *testing.T) {
	run := curve(t)
	t.Run("the decoder's surface is nearer to the points than the plane", func(t *testing.T) {
		p, err := run.Plot(t.Context(), "", "pca")
		require.NoError(t, err)
		require.Less(t, p.PCA.MSE, p.PCA.PCAMSE/2)
		require.InDelta(t, 0.112, p.PCA.PCAMSE, 0.01)
		require.Equal(t, 4000, p.PCA.References)
		require.NotNil(t, p.PCA.Error)
		require.Less(t, *p.PCA.Error, 0.3)
		require.Less(t, *p.PCA.ValueError, 0.1)
		require.Positive(t, p.PCA.ValueSeconds)
		require.Greater(t, p.Image.Bounds().Dy(), p.Image.Bounds().Dx()*9/10, "planes above surfaces")
	})
	t.Run("without training samples there are no neighbours", func(t *testing.T) {
		alone, err := recipe.Open(filepath.Join(run.Dir, recipe.ModelFile), recipe.OpenOptions{Threads: 1})
		require.NoError(t, err)
		defer alone.Close()
		p, err := alone.Plot(t.Context(), "s-curve", "pca")
		require.NoError(t, err)
		require.Nil(t, p.PCA.Error)
		require.Zero(t, p.PCA.Timed)
		require.Less(t, p.PCA.MSE, p.PCA.PCAMSE)
	})
	t.Run("probes", func(t *testing.T) {
		before := weights(t, run.Dir)
		p, err := run.Probe(t.Context(), recipe.Probing{Labels: []string{"all", "50"}, FineTune: true, Steps: 2000, Seed: 1})
		require.NoError(t, err)
		accuracy := map[int]map[string]float64{}
		for _, row := range p.Rows {
			if accuracy[row.Labels] == nil {
				accuracy[row.Labels] = map[string]float64{}
			}
			accuracy[row.Labels][row.Method] = row.Accuracy
		}
		require.Len(t, accuracy, 2)
		for n, of := range accuracy {
			require.Len(t, of, 8)
			for method, v := range of {
				require.Greater(t, v, 0.2, "%d labels, %s: chance is .1", n, method)
			}
			require.Greater(t, of[recipe.FineTuned], 0.6)
		}
		near := recipe.NeighboursMethod(5, "codes")
		require.Greater(t, accuracy[4000][near], 0.7)
		require.Greater(t, accuracy[4000][near], accuracy[50][near])
		require.Equal(t, before, weights(t, run.Dir))
	})
	t.Run("clusters leave the model as it is", func(t *testing.T) {
		z, _, err := run.Encode(t.Context(), "")
		require.NoError(t, err)
		found, _, err := run.Cluster(t.Context(), recipe.Clustering{Clusters: 5, Method: "dec", Rounds: 2, Seed: 1})
		require.NoError(t, err)
		require.Len(t, found.Agreement, 3)
		require.Greater(t, found.Agreement[0].NMI, 0.4)
		again, _, err := run.Encode(t.Context(), "")
		require.NoError(t, err)
		require.Equal(t, z.Data, again.Data)
		same, _, err := run.Cluster(t.Context(), recipe.Clustering{Clusters: 5, Method: "dec", Rounds: 2, Seed: 1})
		require.NoError(t, err)
		require.Equal(t, found.Cluster, same.Cluster)
	})
	t.Run("a sampler of a class generates the class", func(t *testing.T) {
		for _, sampler := range []string{"gmm", "flow"} {
			class := 3
			g := recipe.Generation{N: 200, Class: &class, Sampler: sampler, Seed: 1}
			x, err := run.Generate(t.Context(), g)
			require.NoError(t, err)
			j, err := run.Judge(t.Context(), x, g)
			require.NoError(t, err)
			require.Greater(t, j.Accuracy, 0.6)
			require.Greater(t, *j.Recognised, 0.5, sampler)
			require.InDelta(t, *j.Recognised, j.Classes[3], 1e-9)
			require.Positive(t, j.Distance)
		}
	})
}
