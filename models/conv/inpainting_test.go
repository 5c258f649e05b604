package conv_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

// restored runs an inpainting net in evaluation on images of 5x6 of which every third
// pixel is hidden. hidden is the value that the hidden pixels have.
func restored(t *testing.T, loss graph.ReconLoss, hidden float64) (x, mask []float64, out map[string][]float64) {
	c := conv.Inpainting{Config: conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}, Loss: loss}}
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	modeltest.Name(b, c.Build(b, 2))
	require.NoError(t, b.Err())
	for i := range 2 * 5 * 6 {
		x, mask = append(x, math.Abs(math.Sin(float64(i)))), append(mask, 1)
		if i%3 == 0 {
			x[i], mask[i] = hidden, 0
		}
	}
	return x, mask, modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "mask": mask}))
}

func TestTheEncoderDoesNotSeeWhatIsHidden(t *testing.T) {
	_, _, a := restored(t, graph.BCE, 0)
	_, _, b := restored(t, graph.BCE, .9)
	require.Equal(t, a["code"], b["code"])
	require.Equal(t, a["recon"], b["recon"])
	require.NotEqual(t, a["loss"], b["loss"])
}

func TestTheLossComparesHiddenPixelsOnly(t *testing.T) {
	for loss, of := range map[graph.ReconLoss]func(y, x float64) float64{
		graph.MSE: func(y, x float64) float64 { return (y - x) * (y - x) },
		graph.BCE: func(y, x float64) float64 { return -x*math.Log(y) - (1-x)*math.Log(1-y) },
	} {
		x, mask, out := restored(t, loss, .25)
		sum, n := 0.0, 0.0
		for i, y := range out["recon"] {
			filled := x[i]
			if mask[i] == 0 {
				sum, n, filled = sum+of(y, x[i]), n+1, y
			}
			require.Equal(t, filled, out["filled"][i])
		}
		require.InDelta(t, sum/n, out["loss"][0], 1e-12, loss)
	}
}
