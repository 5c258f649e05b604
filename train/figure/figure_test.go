package figure_test

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/figure"
)

func TestFiguresAreWrittenInTheFormatOfTheirName(t *testing.T) {
	dir := t.TempDir()
	curve := &train.RateCurve{Suggested: 1e-3}
	for i := range 60 {
		rate := math.Pow(10, float64(i)/10-5)
		curve.Rates = append(curve.Rates, rate)
		curve.Losses = append(curve.Losses, 1/(1+500*rate)+rate+0.05*math.Sin(float64(i*i)))
		curve.Smooth = append(curve.Smooth, 1/(1+500*rate)+rate)
	}
	path := filepath.Join(dir, "rates.png")
	require.NoError(t, figure.Rates(path, curve))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	picture, err := png.Decode(f)
	require.NoError(t, err)
	require.Equal(t, 640, picture.Bounds().Dx())

	epochs := []train.Epoch{
		{Epoch: 1, Metrics: map[string]float64{"loss": 3}, Validation: map[string]float64{"loss": 2}},
		{Epoch: 2, Metrics: map[string]float64{"loss": 2}, Validation: map[string]float64{"loss": math.NaN()}},
		{Epoch: 3, Metrics: map[string]float64{"loss": 1}, Validation: map[string]float64{"loss": 1.5}},
	}
	require.NoError(t, figure.History(filepath.Join(dir, "history.svg"), "loss", epochs))
	text, err := os.ReadFile(filepath.Join(dir, "history.svg"))
	require.NoError(t, err)
	require.Contains(t, string(text), "validation")
}

func TestFiguresOfNothingAreErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.png")
	require.ErrorContains(t, figure.Draw(path, figure.Axes{}), "nothing to draw")
	require.ErrorContains(t, figure.Draw(path, figure.Axes{LogY: true}, figure.Line{X: []float64{1}, Y: []float64{-1}}), "nothing to draw")
	require.ErrorContains(t, figure.Draw(path, figure.Axes{}, figure.Line{Name: "l", X: []float64{1}}), `line "l" has 1 values of x and 0 of y`)
	require.ErrorContains(t, figure.Draw(filepath.Join(t.TempDir(), "x.tga"), figure.Axes{}, figure.Line{X: []float64{1}, Y: []float64{1}}), "x.tga")
	require.NoFileExists(t, path)
}
