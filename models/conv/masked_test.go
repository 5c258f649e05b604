package conv_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

// masked has 3x3 patches of 2x2, of which 4 are kept, on images padded to 6x6.
var masked = conv.Masked{Size: graph.Pair{5, 6}, Channels: 2, Patch: graph.Pair{2}, MaskRatio: .5, Width: 8, Depth: 1, Heads: 2, DecoderWidth: 6, DecoderDepth: 1}

// patchOf is the patch of a pixel; the row of padding is at the bottom.
func patchOf(row, column int) int { return row/2*3 + column/2 }

func TestTheMaskedEncoderDoesNotSeeHiddenPatches(t *testing.T) {
	kept := masked.Kept()
	require.Len(t, kept, 4)
	run := func(hidden float64) (out map[string][]float64, x []float64, shown []bool) {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		modeltest.Name(b, masked.Build(b, 2))
		require.NoError(t, b.Err())
		x, shown = make([]float64, 2*2*5*6), make([]bool, 2*2*5*6)
		for i := range x {
			x[i] = math.Abs(math.Sin(float64(i)))
			if shown[i] = slices.Contains(kept, patchOf(i/6%5, i%6)); !shown[i] {
				x[i] = hidden
			}
		}
		return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x})), x, shown
	}
	a, x, shown := run(.25)
	b, _, _ := run(.75)
	require.Equal(t, a["code"], b["code"])
	require.Equal(t, a["recon"], b["recon"])
	require.NotEqual(t, a["features"], b["features"])
	require.Len(t, a["code"], 2*4*8)
	require.Len(t, a["features"], 2*8)
	sum, n := [2]float64{}, [2]float64{}
	for i, y := range a["recon"] {
		if sample := i / (2 * 5 * 6); !shown[i] {
			sum[sample], n[sample] = sum[sample]+(y-x[i])*(y-x[i]), n[sample]+1
		}
	}
	require.InDelta(t, (sum[0]/n[0]+sum[1]/n[1])/2, a["loss"][0], 1e-12)
	require.InDelta(t, sum[1]/n[1], a["score"][1], 1e-12)
}

// All images are the same, so that the gradients of the loss by two of them are equal
// where the same patches are hidden, of 126 choices.
func TestMaskedTrainingHidesOtherPatchesOfEachSample(t *testing.T) {
	const n, sample = 400, 2 * 5 * 6
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true, Seed: 3})
	net := masked.Build(b, n)
	require.NoError(t, b.Err())
	x := b.InputNode("x")
	b.Output("grad", b.Grad(net.Tasks[0].Loss, x)[0])
	grad := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": slices.Repeat([]float64{.5}, x.DataSize())}))["grad"]
	same := 0
	for i := 1; i < n; i++ {
		if slices.Equal(grad[:sample], grad[i*sample:(i+1)*sample]) {
			same++
		}
	}
	require.Less(t, same, n/20)
}

func TestWrongMaskedConfigsNameTheLayer(t *testing.T) {
	for want, c := range map[string]conv.Masked{
		`layer "input": Size is [28 -1] with 1 Channels`:                       {Size: graph.Pair{28, -1}},
		`layer "input": Size is [28 28] with -1 Channels`:                      {Channels: -1},
		`layer "encoder/patches": Patch is [29 29] for images of [28 28]`:      {Patch: graph.Pair{29}},
		`layer "encoder/patches": Patch is [-1 -1]`:                            {Patch: graph.Pair{-1}},
		`layer "encoder/patches": [500 500] patches`:                           {Size: graph.Pair{500}, Patch: graph.Pair{1}},
		`layer "encoder/patches": MaskRatio is 1`:                              {MaskRatio: 1},
		`layer "encoder/patches": MaskRatio is -0.5`:                           {MaskRatio: -.5},
		`layer "encoder/patches": MaskRatio is NaN`:                            {MaskRatio: math.NaN()},
		`layer "encoder/patches": a MaskRatio of 0.99 keeps 0 of 49 patches`:   {MaskRatio: .99},
		`layer "encoder/patches": a MaskRatio of 0.001 keeps 49 of 49 patches`: {MaskRatio: .001},
		`layer "encoder/block1": Width is 64 with 5 Heads`:                     {Heads: 5},
		`layer "encoder/block1": Width is -4 with 4 Heads`:                     {Width: -4},
		`layer "decoder/block1": DecoderWidth is 30 with 4 Heads`:              {DecoderWidth: 30},
		`layer "encoder/block1": Depth is -1`:                                  {Depth: -1},
		`layer "decoder/block1": DecoderDepth is -1`:                           {DecoderDepth: -1},
		`layer "loss": Loss: "l1" is unknown`:                                  {Loss: "l1"},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.Zero(t, c.Build(b, 1))
		require.ErrorContains(t, b.Err(), want)
		require.Nil(t, c.Kept())
		_, err := c.Summary()
		require.ErrorContains(t, err, want)
	}
}

func TestTheMaskedSummarySaysWhatIsPadded(t *testing.T) {
	require.Equal(t, "28x28 patches 4x4, 12 of 49 kept, encoder 4x64, decoder 2x32, 4 heads, mse", conv.Masked{}.String())
	require.Equal(t, "2x5x6 padded to 6x6 patches 2x2, 4 of 9 kept, encoder 1x8, decoder 1x6, 2 heads, mse", masked.String())
}
