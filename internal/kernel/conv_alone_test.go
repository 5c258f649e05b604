package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// one returns an image of a group of them by itself, and its number floats.
func (m Image) one(group []float32, l int) (Image, []float32) {
	all := make([]float32, Group*m.C*m.H*m.W)
	m.ToNCHW(Plain, all, group, Group)
	alone := m
	alone.Alone = true
	buf := make([]float32, alone.Len())
	size := m.C * m.H * m.W
	alone.FromNCHW(Plain, buf, all[l*size:(l+1)*size], 1)
	return alone, buf
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestConvOfAnImageAloneIsThatOfItAmongOthers(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 21))
		g := randomGeometry(r)
		if seed%3 == 0 { // rows of images and results as far apart
			g = same(1+r.IntN(9), 1+r.IntN(9), 1+r.IntN(9), 3+r.IntN(9))
			g.Out.Halo = g.In.Halo
		}
		p, err := PlanConv(Plain, g)
		require.NoError(t, err)
		x, dy := g.In.fill(r, false), g.Out.fill(r, false)
		g.In.ClearHalo(x)
		g.Out.ClearHalo(dy)
		w, bias, turnedBias := draws(r, p.Weights(), false), draws(r, g.Out.C, false), draws(r, g.In.C, false)
		scratch, packed := make([]float32, p.Scratch()), make([]float32, p.Weights())
		y, dx := make([]float32, g.Out.Len()), make([]float32, g.In.Len())
		aboveY, aboveX := g.Out.fill(r, false), g.In.fill(r, false)
		p.PackForward(packed, w)
		p.RunForward(y, x, packed, After{bias, true, aboveY}, scratch)
		p.PackData(packed, w)
		p.RunData(dx, dy, packed, After{turnedBias, true, aboveX}, scratch)
		sums, dw := make([]float32, p.FilterSums()), make([]float32, p.Weights())
		p.RunFilter(sums, x, dy, scratch)
		folded := make([]float32, p.FoldedSums())
		p.FoldFilter(folded, sums)
		p.FinishFilter(dw, folded)
		for _, isa := range Supported() {
			h := g
			h.In.Alone, h.Out.Alone = true, true
			a, err := PlanConvAlone(isa, h)
			require.NoError(t, err)
			scratchAll, scratch := guarded(a.Scratch())
			sums, got := make([]float32, a.FilterSums()), make([]float32, a.Weights())
			for l := range Group {
				in, x := g.In.one(x, l)
				out, dy := g.Out.one(dy, l)
				_, aboveY := g.Out.one(aboveY, l)
				_, aboveX := g.In.one(aboveX, l)
				wantY, wantDX := make([]float32, out.C*out.H*out.W), make([]float32, in.C*in.H*in.W)
				_, oneY := g.Out.one(y, l)
				_, oneDX := g.In.one(dx, l)
				out.ToNCHW(isa, wantY, oneY, 1)
				in.ToNCHW(isa, wantDX, oneDX, 1)
				allY, gotY := guarded(out.Len())
				a.PackForward(packed, w)
				cut := r.IntN(out.H + 1)
				a.RunForwardRows(gotY, x, packed, After{bias, true, aboveY}, scratch, 0, cut)
				a.RunForwardRows(gotY, x, packed, After{bias, true, aboveY}, scratch, cut, out.H)
				requireGuards(t, allY)
				back := make([]float32, len(wantY))
				out.ToNCHW(isa, back, gotY, 1)
				requireClose(t, "forward", widen(wantY), back, 1e-5)
				allDX, gotDX := guarded(in.Len())
				a.PackData(packed, w)
				a.RunDataRows(gotDX, dy, packed, After{turnedBias, true, aboveX}, scratch, 0, in.H)
				requireGuards(t, allDX)
				back = make([]float32, len(wantDX))
				in.ToNCHW(isa, back, gotDX, 1)
				requireClose(t, "data gradient", widen(wantDX), back, 1e-5)
				a.RunFilter(sums, x, dy, scratch)
			}
			requireGuards(t, scratchAll)
			folded := make([]float32, a.FoldedSums())
			a.FoldFilter(folded, sums)
			a.FinishFilter(got, folded)
			requireClose(t, "filter gradient", widen(dw), got, 1e-4)
		}
	}
}

func TestImagesAloneAndSideBySideDoNotMix(t *testing.T) {
	g := same(3, 4, 5, 6)
	_, err := PlanConvAlone(Plain, g)
	require.ErrorContains(t, err, "use PlanConv")
	g.In.Alone = true
	_, err = PlanConvAlone(Plain, g)
	require.ErrorContains(t, err, "want both or none")
	g.Out.Alone = true
	_, err = PlanConv(Plain, g)
	require.ErrorContains(t, err, "use PlanConvAlone")
}
