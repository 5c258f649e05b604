package recipe_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/recipe"
)

// play renders the first steps of a piece at 8 kHz: each note is a fundamental with three
// overtones that fade over a quarter of a second.
func play(roll []float32, steps int) *data.WAV {
	const rate, length = 8000, 2000
	w := &data.WAV{Rate: rate, Channels: 1, Values: make([]float32, steps*length)}
	for s := range steps {
		for key := range data.PianoKeys {
			if roll[s*data.PianoKeys+key] == 0 {
				continue
			}
			frequency := 440 * math.Pow(2, float64(key-48)/12) // key 48 is the A above the middle C
			for t := range length {
				v, at := 0.0, float64(t)/rate
				for overtone, share := range []float64{1, .5, .25, .12} {
					v += share * math.Sin(2*math.Pi*frequency*float64(overtone+1)*at)
				}
				w.Values[s*length+t] += float32(.1 * v * math.Exp(-3*at) * min(1, float64(t)/80))
			}
		}
	}
	return w
}

// The figure of docs/restoration.md: STHENO_DATA=DIR STHENO_FIGURES=1 go test ./recipe -run Chorales -v.
func TestChoralesAreCleaned(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" || os.Getenv("STHENO_FIGURES") == "" {
		t.Skip("set STHENO_DATA to the folder of the data sets, and STHENO_FIGURES=1: a minute of training")
	}
	parts, err := data.OpenPianoRolls(filepath.Join(dir, "music", "jsb-chorales-quarter.json"))
	require.NoError(t, err)
	out := t.TempDir()
	for part, n := range map[string]int{"train": 12, "test": 4} {
		x, err := data.ArrayOf(data.Limit(parts[part], n), "x")
		require.NoError(t, err)
		size := len(x.Values) / n
		for i := range n {
			require.NoError(t, os.MkdirAll(filepath.Join(out, part), 0o755))
			require.NoError(t, data.SaveWAV(filepath.Join(out, part, fmt.Sprintf("%02d.wav", i)), play(x.Values[i*size:], 16)))
		}
	}
	run := trained(t, "data.source", filepath.Join(out, "train"), "data.damage.kind", "gaussian", "data.damage.level", "0.1", "threads", "1",
		"model.type", "conv.Denoising", "model.encoder", "16", "model.residual", "1", "model.kernel", "1,31",
		"train.epochs", "12", "train.batch", "8", "train.schedule.rate", "{kind: cosine, from: 0.003, to: 0.00001}")
	done, err := run.DenoiseSound(t.Context(), recipe.Denoising{From: filepath.Join(out, "test"), Check: true})
	require.NoError(t, err)
	for _, m := range done.Methods {
		t.Logf("%s: SNR of %.2f dB %s", m.Name, m.SNR, m.Setting)
	}
	require.Greater(t, done.Methods[3].SNR, done.Methods[0].SNR+5)
}
