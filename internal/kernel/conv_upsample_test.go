package kernel

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// upsampled is a 3x3 convolution, padded by 1, of images upsampled to twice their size,
// with a quarter of the products. A transposed convolution with stride 2 computes z,
// which is one row and one column larger than the result. The result is sums of 2x2
// over z.
type upsampled struct {
	conv  *Conv // from z to the small images; its data gradient computes z
	sums  *Pool // from z to the result
	boxes *Pool // from the gradient of the result to the gradient of z
}

func planUpsampled(t require.TestingT, isa ISA, small, large Image) upsampled {
	one, two := [2]int{1, 1}, [2]int{2, 2}
	z := Image{H: large.H + 1, W: large.W + 1, C: large.C}
	g := ConvGeometry{In: z, Out: small, Kernel: [2]int{3, 3}, Stride: two, Dilation: one}
	in, _ := g.Halos()
	g.In.Halo = in
	conv, err := PlanConv(isa, g)
	require.NoError(t, err)
	require.NotNil(t, conv.data)
	sums, err := PlanPool(isa, PoolGeometry{In: g.In, Out: large, Size: two, Stride: one})
	require.NoError(t, err)
	boxes, err := PlanPool(isa, PoolGeometry{In: large, Out: g.In, Size: two, Stride: one, Pad: one})
	require.NoError(t, err)
	return upsampled{conv, sums, boxes}
}

// flipWeights returns w [O, C, 3, 3] as the transposed convolution takes it: as
// [C, O, 3, 3], with rows and columns flipped. It also converts the gradient back.
func flipWeights(w []float32, outs, ins int) []float32 {
	flipped := make([]float32, len(w))
	for o := range outs {
		for c := range ins {
			for k := range 9 {
				flipped[(c*outs+o)*9+8-k] = w[(o*ins+c)*9+k]
			}
		}
	}
	return flipped
}

func TestConvolvingUpsampledImagesIsSumsOfATransposedConvolution(t *testing.T) {
	const ins, outs = 3, 5
	for _, isa := range Supported() {
		g := same(ins, outs, 8, 10)
		small := Image{H: 4, W: 5, C: ins, Halo: Halo{1, 1, 1, 1}}
		r := rand.New(rand.NewPCG(1, 1))
		direct, err := PlanConv(isa, g)
		require.NoError(t, err)
		upsample, err := PlanPool(isa, PoolGeometry{In: g.In, Out: small, Size: [2]int{2, 2}, Stride: [2]int{2, 2}})
		require.NoError(t, err)
		u := planUpsampled(t, isa, small, g.Out)
		x, w, dy := small.fill(r, true), draws(r, direct.Weights(), true), g.Out.fill(r, true)
		scratch := make([]float32, max(direct.Scratch(), u.conv.Scratch()))
		packed, flipped := make([]float32, len(w)), flipWeights(w, outs, ins)

		large, want := make([]float32, g.In.Len()), make([]float32, g.Out.Len())
		upsample.Spread(large, x, NoDivisor)
		direct.PackForward(packed, w)
		direct.RunForward(want, large, packed, Epilogue{}, scratch, 0, direct.Out.H)
		z, got := make([]float32, u.conv.In.Len()), make([]float32, g.Out.Len())
		u.conv.PackData(packed, flipped)
		u.conv.RunData(z, x, packed, Epilogue{}, scratch, 0, u.conv.In.H)
		u.sums.Sum(got, z, NoDivisor, nil, false, 0, u.sums.Out.H)
		require.Equal(t, want, got, "%s: result", isa)

		dLarge, wantDX, wantDW := make([]float32, g.In.Len()), make([]float32, small.Len()), make([]float32, len(w))
		direct.PackData(packed, w)
		direct.RunData(dLarge, dy, packed, Epilogue{}, scratch, 0, direct.In.H)
		upsample.Sum(wantDX, dLarge, NoDivisor, nil, false, 0, upsample.Out.H)
		sums := make([]float32, direct.FilterSums())
		direct.RunFilter(sums, large, dy, scratch)
		foldedDirect := make([]float32, direct.FoldedSums())
		direct.FoldFilter(foldedDirect, sums)
		direct.FinishFilter(wantDW, foldedDirect)

		gotDX, gotDW := make([]float32, small.Len()), make([]float32, len(w))
		u.boxes.Sum(z, dy, NoDivisor, nil, false, 0, u.boxes.Out.H)
		u.conv.PackForward(packed, flipped)
		u.conv.RunForward(gotDX, z, packed, Epilogue{}, scratch, 0, u.conv.Out.H)
		sums = make([]float32, u.conv.FilterSums())
		u.conv.RunFilter(sums, z, x, scratch)
		folded := make([]float32, u.conv.FoldedSums())
		u.conv.FoldFilter(folded, sums)
		u.conv.FinishFilter(gotDW, folded)
		require.Equal(t, wantDX, gotDX, "%s: gradient of the images", isa)
		require.Equal(t, wantDW, flipWeights(gotDW, ins, outs), "%s: gradient of the filter", isa)
	}
}

// %peak counts the products of the direct convolution, so it can exceed 100.
func BenchmarkConvOfUpsampledImages(b *testing.B) {
	g := same(8, 16, 28, 28)
	small := Image{H: 14, W: 14, C: 8, Halo: Halo{1, 1, 1, 1}}
	for _, isa := range Supported()[1:] {
		r := rand.New(rand.NewPCG(1, 1))
		u := planUpsampled(b, isa, small, g.Out)
		x, y, z := small.fill(r, false), g.Out.fill(r, false), make([]float32, u.conv.In.Len())
		w := draws(r, u.conv.Weights(), false)
		scratch, sums := make([]float32, u.conv.Scratch()), make([]float32, u.conv.FilterSums())
		for _, k := range []struct {
			name   string
			passes float64
			run    func()
		}{
			{"forward", 1, func() {
				for row := range g.Out.H { // needs rows row and row+1 of z
					u.conv.RunData(z, x, w, Epilogue{}, scratch, row+min(row, 1), row+2)
					u.sums.Sum(y, z, NoDivisor, nil, false, row, row+1)
				}
			}},
			{"both gradients", 2, func() {
				u.boxes.Sum(z, y, NoDivisor, nil, false, 0, u.boxes.Out.H)
				u.conv.RunForward(x, z, w, Epilogue{}, scratch, 0, u.conv.Out.H)
				u.conv.RunFilter(sums, z, x, scratch)
			}},
		} {
			b.Run(string(isa)+"/"+k.name, func(b *testing.B) {
				peak, best := peakOf(isa, 1, 50*time.Millisecond), time.Hour
				for b.Loop() {
					start := time.Now()
					k.run()
					best = min(best, time.Since(start))
				}
				rate := k.passes * 2 * Group * 28 * 28 * 8 * 16 * 9 / float64(best.Nanoseconds())
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak, "%peak")
			})
		}
	}
}
