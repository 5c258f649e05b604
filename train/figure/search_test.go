package figure_test

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train/figure"
	"github.com/stheno-ml/stheno/train/search"
)

func TestASearchHasAPanelForEachParameter(t *testing.T) {
	r := &search.Result{Metric: "loss", Space: search.Space{
		search.Choice("kind", "a", []int{1, 2}, true), search.Float("rate", 1e-4, 1).Log(), search.Int("depth", 1, 3).When("kind", "a"),
	}}
	path := filepath.Join(t.TempDir(), "search.png")
	require.ErrorContains(t, figure.Search(path, r), "no trial with a value")
	require.Error(t, figure.Search(path, nil))
	r.Trials = []search.Trial{
		{Number: 1, Values: search.Values{"kind": "a", "rate": 0.1, "depth": 3}, Epochs: []float64{3, 2}},
		{Number: 2, Values: search.Values{"kind": true, "rate": 1e-4}, Error: "it failed"},
		{Number: 3, Values: search.Values{"kind": []int{1, 2}, "rate": 0.5}, Epochs: []float64{1}},
		{Number: 4, Values: search.Values{"kind": true, "rate": 0.03}, Epochs: []float64{1e6}},
	}
	for _, r.Maximize = range []bool{false, true} {
		require.NoError(t, figure.Search(path, r))
		file, err := os.Open(path)
		require.NoError(t, err)
		img, err := png.Decode(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		require.Equal(t, 2*3*96, img.Bounds().Dy(), "two rows of panels")
		require.Equal(t, 3*4*96, img.Bounds().Dx())
	}
	require.NoError(t, figure.Search(filepath.Join(t.TempDir(), "search.svg"), r))
	require.ErrorContains(t, figure.Search(filepath.Join(t.TempDir(), "search.txt"), r), "search.txt")
}
