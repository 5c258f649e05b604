package presets_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/presets"
	"github.com/stheno-ml/stheno/train"
)

func TestPresetsAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, p := range presets.All() {
		t.Run(p.Name, func(t *testing.T) {
			require.False(t, names[p.Name])
			names[p.Name] = true
			for _, text := range []string{p.Name, p.Title, p.Paper, p.Data, p.Recipe} {
				require.NotEmpty(t, text)
			}
			require.Positive(t, p.Minutes)
			require.NotEmpty(t, p.Figures)
			for _, f := range p.Figures {
				require.NotEmpty(t, f.Metric)
				require.True(t, f.Expected == 0 || f.Source != "", "%s: a published figure has a source", f.Metric)
			}
		})
	}
}

// A trial has few samples and steps, and no score to reach. Under the race detector,
// which makes it ten times as long, every eighth preset runs.
func TestEveryPresetRuns(t *testing.T) {
	for i, p := range presets.All() {
		t.Run(p.Name, func(t *testing.T) {
			if raceDetector && i%8 > 0 {
				t.Skip("under the race detector only every eighth preset runs")
			}
			o := presets.Options{Dir: t.TempDir(), Backend: cpu.Config{}, Trial: presets.Trial{Samples: 200, Steps: 2}}
			results, err := p.Train(t.Context(), o)
			if missing := (*presets.Missing)(nil); errors.As(err, &missing) {
				t.Skip(err)
			}
			require.NoError(t, err)
			require.Len(t, results, 1)
			require.Positive(t, results[0].Epochs)
			require.NotEmpty(t, results[0].Nets)
			for _, n := range results[0].Nets {
				t.Logf("%s: %s", n.Stage, train.NameOf(n.Model))
				require.Positive(t, n.Params.Count())
			}
			again, err := p.Train(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, results[0].Values, again[0].Values, "a run that is complete is scored again, not trained again")
		})
	}
}

func TestTheNetsOfAPresetAreKnownWithoutTraining(t *testing.T) {
	p, err := presets.Find("vae-pytorch")
	require.NoError(t, err)
	nets, err := p[0].Nets(t.Context(), presets.Options{Backend: cpu.Config{}, Trial: presets.Trial{Samples: 50, Steps: 1}})
	require.NoError(t, err)
	require.Len(t, nets, 1)
	require.Equal(t, "train", nets[0].Stage)
	require.Equal(t, vae.Config{}, nets[0].Model)
	require.Equal(t, 10, nets[0].Options.Epochs)
	_, err = p[0].Nets(t.Context(), presets.Options{})
	require.ErrorContains(t, err, "no backend")
}

func TestPresetsAreFoundByName(t *testing.T) {
	all, err := presets.Find("all")
	require.NoError(t, err)
	require.Len(t, all, len(presets.All()))
	fast, err := presets.Find("fast")
	require.NoError(t, err)
	minutes := 0.0
	for _, p := range fast {
		minutes += p.Minutes
	}
	require.LessOrEqual(t, minutes, 15.0)
	two, err := presets.Find("keras-simple, keras-simple")
	require.NoError(t, err)
	require.Len(t, two, 1)
	_, err = presets.Find("keras-simple,nonsense")
	require.ErrorContains(t, err, `presets: "nonsense" is unknown: choose all, fast, or from keras-simple`)
}

func TestAFigureIsMetFromItsTargetToItsBound(t *testing.T) {
	error := presets.Figure{Target: .5, Bound: .4}
	for v, met := range map[float64]bool{.3: false, .45: true, .5: true, .6: false} {
		require.Equal(t, met, error.Met(v), v)
	}
	accuracy := presets.Figure{Target: .9, Higher: true}
	require.True(t, accuracy.Met(.95))
	require.False(t, accuracy.Met(.85))
	require.True(t, presets.Figure{}.Met(7))
}
