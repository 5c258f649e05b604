package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

func TestAdversariesMoveTheCodesToThePrior(t *testing.T) {
	o := options{data: "digits", picture: filepath.Join(t.TempDir(), "drawn.png"), samples: 800, epochs: 10}
	var out bytes.Buffer
	r, err := run(&out, o)
	require.NoError(t, err)
	plain, adversarial := r[0], r[1]
	require.Less(t, adversarial.fromPrior, plain.fromPrior/4)
	require.Less(t, adversarial.mse, spread(t), "better than the mean image")
	require.Contains(t, out.String(), "main.Adversarial: codes ")

	file, err := os.ReadFile(o.picture)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(file))
	require.NoError(t, err)
	require.Equal(t, picture.Bounds().Dx(), picture.Bounds().Dy(), "ten rows of ten")
}

// spread is the mean squared error of the mean image.
func spread(t *testing.T) float64 {
	all, err := data.ArrayOf(data.NewDigits(1, 500), "x")
	require.NoError(t, err)
	x := all.Values
	total := 0.0
	for k := range 784 {
		sum, squares := 0.0, 0.0
		for i := k; i < len(x); i += 784 {
			sum, squares = sum+float64(x[i]), squares+float64(x[i])*float64(x[i])
		}
		total += squares/500 - sum*sum/500/500
	}
	return total / 784
}

func TestEachTaskChangesItsOwnWeights(t *testing.T) {
	programs, err := train.TrainPrograms(Adversarial{dense.Config{Hidden: []int{16, latent}}}, 4, train.Options{Backend: cpu.Config{}})
	require.NoError(t, err)
	require.Len(t, programs, 3)
	for i, want := range [][]string{{"encoder", "decoder"}, {"critic"}, {"encoder"}} {
		p := programs[i]
		got := map[string]bool{}
		for _, u := range p.Updates() {
			if q := p.ParamOf(u.Node); q.Trainable() {
				part, _, _ := strings.Cut(q.Name(), "/")
				got[part] = true
			}
		}
		for _, part := range want {
			require.True(t, got[part], "task %d and %s", i, part)
		}
		require.Len(t, got, len(want), "task %d", i)
	}
}

func TestTheDistanceOfANormalIsItsDivergence(t *testing.T) {
	z := make([]float32, 0, 2*latent)
	for _, side := range []float32{-1, 1} { // mean 3, variance 4
		for range latent {
			z = append(z, 3+2*side)
		}
	}
	require.InDelta(t, (4+9-1-1.3862944)/2, distance(z), 1e-6)
}
