package report

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withPresets is a report of two presets, one of them with two seeds.
func withPresets() Report {
	var file bytes.Buffer
	_ = png.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 64)))
	figures := []PresetFigure{
		{Name: "vae-pytorch", Title: "a small VAE", Metric: "test bound, nats", Seed: 1, Value: 105.8, Expected: Known(105.6), Source: "PyTorch's example", Target: Known(106.), Met: true, Seconds: 12, Machine: "EPYC"},
		{Name: "vae-pytorch", Title: "a small VAE", Metric: "test bound, nats", Seed: 2, Value: 106.4, Expected: Known(105.6), Source: "PyTorch's example", Target: Known(106.), Seconds: 36, Machine: "EPYC", Notes: []string{"sampled codes"}},
		{Name: "linear-pca", Title: "PCA", Metric: "MSE", Seed: 1, Value: .01725, Seconds: 6, Machine: "EPYC"},
	}
	return Report{
		Results:  Results{Machine: Machine{CPU: "EPYC", Cores: 2}, Presets: figures},
		Pictures: []PresetPicture{{"vae-pytorch", "samples", 1, file.Bytes()}, {"vae-pytorch", "samples", 2, file.Bytes()}},
	}
}

func TestAFigureOfAPresetIsTheMeanOverItsSeeds(t *testing.T) {
	rows := presetRows(withPresets().Results.Presets)
	require.Equal(t, []presetRow{{
		Name: "vae-pytorch", Title: "a small VAE", Metric: "test bound, nats", Value: "106.1", Spread: "105.8 to 106.4", Expected: "105.6", Target: "106.0",
		Source: "PyTorch's example", Seeds: "1, 2", Minutes: "0.40", Met: "1 of 2", Notes: "sampled codes",
	}, {
		Name: "linear-pca", Title: "PCA", Metric: "MSE", Value: "0.01725", Spread: unknown, Expected: unknown, Target: unknown, Seeds: "1", Minutes: "0.10", Met: unknown,
	}}, rows)
}

func TestThePageShowsPresetsAndThePicturesOfTheirFirstSeed(t *testing.T) {
	text, elements := pageOf(t, withPresets())
	for _, words := range []string{"2 presets", "vae-pytorch", "105.8 to 106.4", "PyTorch's example", "1 of 2"} {
		require.Contains(t, text, words)
	}
	require.NotContains(t, text, "There are no runs")
	images := 0
	for _, e := range elements {
		if e.Name.Local == "img" {
			images++
		}
	}
	require.Equal(t, 1, images)
}

func TestResultsKeepThePresets(t *testing.T) {
	var b bytes.Buffer
	want := withPresets().Results
	require.NoError(t, WriteJSON(&b, want))
	got, err := ReadJSON(&b)
	require.NoError(t, err)
	require.Equal(t, want.Presets, got.Presets)
	var all Results
	all.Merge(want, want)
	require.Equal(t, want.Presets, all.Presets)
}

func TestFiguresOfAnotherProgramStandBelowOurs(t *testing.T) {
	ours := withPresets().Results
	theirs := Results{Presets: []PresetFigure{
		{Name: "linear-pca", Program: "PyTorch 2.15.0", Metric: "MSE", Seed: 1, Value: .0173},
		{Name: "vae-pytorch", Program: "PyTorch 2.15.0", Metric: "test bound, nats", Seed: 1, Value: 106},
	}}
	ours.Merge(theirs)
	var names []string
	for _, r := range presetRows(ours.Presets) {
		names = append(names, r.Name+" "+r.Program)
	}
	require.Equal(t, []string{"vae-pytorch ", "vae-pytorch PyTorch 2.15.0", "linear-pca ", "linear-pca PyTorch 2.15.0"}, names)
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, ours))
	require.Contains(t, b.String(), "linear-pca by PyTorch 2.15.0")
}

func TestTheTerminalShowsPresets(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, withPresets().Results))
	require.Regexp(t, `vae-pytorch +test bound, nats +106.1 +105.8 to 106.4 +105.6 +106.0 +1 of 2 +0.40`, b.String())
}

func TestTheMarkdownTableHasARowForEachPresetAndProgram(t *testing.T) {
	figures := append(withPresets().Results.Presets,
		PresetFigure{Name: "linear-pca", Metric: "angle|degrees", Seed: 1, Value: .5, Target: Known(5.)},
		PresetFigure{Name: "linear-pca", Program: "PyTorch 2.15.0", Metric: "MSE", Seed: 1, Value: .0173})
	var b strings.Builder
	require.NoError(t, MarkdownPresets(&b, figures))
	require.Equal(t, "| `-presets` | figure | reached | over seeds | target | published or by another program |\n|---|---|---|---|---|---|\n"+
		"| `vae-pytorch` | test bound, nats | 106.1 | 105.8 to 106.4 | 106.0 | 105.6, PyTorch's example |\n"+
		"| `linear-pca` | MSE; angle\\|degrees | 0.01725; 0.5000 | seed 1 | -; 5.000 | - |\n"+
		"| by PyTorch 2.15.0 | MSE | 0.01730 | seed 1 | - | - |\n", b.String())
}
