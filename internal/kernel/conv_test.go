package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// layer returns the geometry of a layer, with the halos that it needs.
func layer(c, o, h, w int, kernel, stride, dilation, pad [2]int) ConvGeometry {
	g := ConvGeometry{In: Image{H: h, W: w, C: c}, Kernel: kernel, Stride: stride, Dilation: dilation, Pad: pad}
	g.Out = Image{
		H: (h+2*pad[0]-dilation[0]*(kernel[0]-1)-1)/stride[0] + 1,
		W: (w+2*pad[1]-dilation[1]*(kernel[1]-1)-1)/stride[1] + 1,
		C: o,
	}
	g.In.Halo, g.Out.Halo = g.Halos()
	return g
}

// same returns the 3x3 convolution whose result has the size of the images.
func same(c, o, h, w int) ConvGeometry {
	one, three := [2]int{1, 1}, [2]int{3, 3}
	return layer(c, o, h, w, three, one, one, one)
}

// inGroups multiplies the channels by n and convolves them in n groups.
func (g ConvGeometry) inGroups(n int) ConvGeometry {
	g.In.C, g.Out.C, g.Groups = n*g.In.C, n*g.Out.C, n
	return g
}

// each calls f for each result and each pixel of the image that it reads.
func (g ConvGeometry) each(f func(p, q, y, x, i, j int)) {
	for p := range g.Out.H {
		for q := range g.Out.W {
			for i := range g.Kernel[0] {
				for j := range g.Kernel[1] {
					y, x := p*g.Stride[0]+i*g.Dilation[0]-g.Pad[0], q*g.Stride[1]+j*g.Dilation[1]-g.Pad[1]
					if y >= 0 && y < g.In.H && x >= 0 && x < g.In.W {
						f(p, q, y, x, i, j)
					}
				}
			}
		}
	}
}

// at is the index of a pixel's channel.
func (m Image) at(y, x, c int) int { return m.Origin() + y*m.Row() + x*m.Pixel() + c*Group }

// fill returns an image with random pixels, small integers or normals. Its halo is zero.
func (m Image) fill(r *rand.Rand, whole bool) []float32 {
	buf := make([]float32, m.Len())
	for y := range m.H {
		for x := range m.W {
			for i := range m.Pixel() {
				buf[m.at(y, x, 0)+i] = draw(r, whole)
			}
		}
	}
	return buf
}

func draw(r *rand.Rand, whole bool) float32 {
	if whole {
		return float32(r.IntN(7) - 3)
	}
	return float32(r.NormFloat64())
}

func draws(r *rand.Rand, n int, whole bool) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = draw(r, whole)
	}
	return v
}

const guard = 12345

// guarded returns n floats with guards on both sides, not aligned.
func guarded(n int) (all, inside []float32) {
	all = make([]float32, n+32)
	for i := range all {
		all[i] = guard
	}
	return all, all[13 : 13+n : 13+n]
}

// requireGuards fails if a guard was overwritten.
func requireGuards(t *testing.T, all []float32) {
	t.Helper()
	for i, v := range all {
		if i < 13 || i >= len(all)-19 {
			require.Equal(t, float32(guard), v, "element %d outside the output was written", i-13)
		}
	}
}

// requireClose fails unless got is within tol of want, relative to the largest of want.
func requireClose(t *testing.T, what string, want []float64, got []float32, tol float64) {
	t.Helper()
	largest := 1e-30
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tol*largest) {
			require.Failf(t, what, "element %d of %d: want %v, got %v", i, len(want), v, got[i])
		}
	}
}

// checkConv compares all kernels of a geometry with the loops of their definition in
// float64. Halos of outputs start as guards and must not change.
func checkConv(t *testing.T, isa ISA, g ConvGeometry, whole bool, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	p, err := PlanConv(isa, g)
	require.NoError(t, err)
	require.NotNil(t, p.data)
	x, dy := g.In.fill(r, whole), g.Out.fill(r, whole)
	w, bias, dataBias := draws(r, p.Weights(), whole), draws(r, g.Out.C, whole), draws(r, g.In.C, whole)
	relu, gated := r.IntN(2) == 0, r.IntN(2) == 0
	scratchAll, scratch := guarded(p.Scratch())
	tol := 2e-6
	if whole {
		tol = 0
	}
	kw, kernel := g.Kernel[1], g.Kernel[0]*g.Kernel[1]
	weight := func(o, c, i, j int) int { return (o*g.ins()+c)*kernel + i*kw + j }

	y, dx, dw := make([]float64, g.Out.Len()), make([]float64, g.In.Len()), make([]float64, p.Weights())
	start := func(m Image, out []float64, bias []float32) {
		for i := range out {
			out[i] = guard
		}
		for i := range m.H * m.W * m.C * Group {
			px := i / (m.C * Group)
			out[m.at(px/m.W, px%m.W, i/Group%m.C)+i%Group] = float64(bias[i/Group%m.C])
		}
	}
	start(g.Out, y, bias)
	start(g.In, dx, dataBias)
	g.each(func(p, q, yy, xx, i, j int) {
		for o := range g.Out.C {
			for c := range g.ins() {
				k, in, out := weight(o, c, i, j), g.In.at(yy, xx, o/g.outs()*g.ins()+c), g.Out.at(p, q, o)
				for l := range Group {
					y[out+l] += float64(w[k]) * float64(x[in+l])
					dx[in+l] += float64(w[k]) * float64(dy[out+l])
					dw[k] += float64(x[in+l]) * float64(dy[out+l])
				}
			}
		}
	})
	if relu {
		for _, v := range [][]float64{y, dx} {
			for i := range v {
				v[i] = max(v[i], 0)
			}
		}
	}
	reluOutput := func(m Image, want []float64) []float32 {
		if !gated {
			return nil
		}
		x := m.fill(r, false)
		for i := range m.H * m.W * m.C * Group {
			px := i / (m.C * Group)
			if at := m.at(px/m.W, px%m.W, i/Group%m.C) + i%Group; x[at] <= 0 {
				want[at] = 0
			}
		}
		return x
	}
	compare := func(what string, m Image, want []float64, run func(out, packed []float32), pack func(packed, w []float32)) {
		packedAll, packed := guarded(p.Weights())
		pack(packed, w)
		requireGuards(t, packedAll)
		all, out := guarded(m.Len())
		run(out, packed)
		requireGuards(t, all)
		requireGuards(t, scratchAll)
		if !whole { // guards would make requireClose's largest number too large
			for i := range want {
				if want[i] == guard {
					require.Equal(t, float32(guard), out[i], "%s: the halo was written", what)
					want[i], out[i] = 0, 0
				}
			}
		}
		requireClose(t, what, want, out, tol)
	}
	outputY, outputX := reluOutput(g.Out, y), reluOutput(g.In, dx)
	compare("forward", g.Out, y, func(out, packed []float32) {
		p.RunForward(out, x, packed, Epilogue{bias, relu, outputY}, scratch, 0, p.Out.H)
	}, p.PackForward)
	compare("data gradient", g.In, dx, func(out, packed []float32) {
		p.RunData(out, dy, packed, Epilogue{dataBias, relu, outputX}, scratch, 0, p.In.H)
	}, p.PackData)

	sumsAll, sums := guarded(p.FilterSums())
	clear(sums)
	for range 2 {
		p.RunFilter(sums, x, dy, scratch)
	}
	requireGuards(t, sumsAll)
	requireGuards(t, scratchAll)
	dwAll, got := guarded(p.Weights())
	for i := range got {
		got[i] = 1
	}
	folded := make([]float32, p.FoldedSums())
	p.FoldFilter(folded, sums)
	p.FinishFilter(got, folded)
	requireGuards(t, dwAll)
	for i := range dw {
		dw[i] = 2*dw[i] + 1
	}
	requireClose(t, "filter gradient", dw, got, tol)

	db := make([]float64, g.Out.C)
	for i := range g.Out.H * g.Out.W * g.Out.Pixel() {
		px := i / g.Out.Pixel()
		db[i/Group%g.Out.C] += float64(dy[g.Out.at(px/g.Out.W, px%g.Out.W, i/Group%g.Out.C)+i%Group])
	}
	sumsAll, sums = guarded(p.Out.ChannelSums(isa))
	clear(sums)
	p.Out.AddPixels(isa, sums, dy, 0, p.Out.H)
	requireGuards(t, sumsAll)
	gotBias := make([]float32, g.Out.C)
	p.Out.AddLanes(isa, gotBias, sums)
	requireClose(t, "bias gradient", db, gotBias, tol)
}

func TestConvEqualsItsDefinition(t *testing.T) {
	one, two := [2]int{1, 1}, [2]int{2, 2}
	cases := map[string]ConvGeometry{
		"one channel to many":           same(1, 16, 28, 28),
		"many to one":                   same(16, 1, 9, 13),
		"default layer":                 same(8, 8, 7, 7),
		"odd channels":                  same(5, 3, 6, 11),
		"one pixel":                     same(3, 2, 1, 1),
		"many channels":                 same(70, 34, 3, 5),
		"1x1":                           layer(9, 7, 5, 8, one, one, one, [2]int{}),
		"1x1 with stride":               layer(4, 6, 7, 9, one, two, one, [2]int{}),
		"2x2 with stride":               layer(3, 5, 8, 9, two, two, one, [2]int{}),
		"3x3 with stride":               layer(3, 6, 9, 12, [2]int{3, 3}, two, one, one),
		"3x3 with stride and dilation":  layer(2, 9, 11, 12, [2]int{3, 3}, two, two, two),
		"5x5":                           layer(3, 4, 8, 8, [2]int{5, 5}, one, one, two),
		"1x7, more padding than needed": layer(2, 3, 4, 9, [2]int{1, 7}, one, one, [2]int{2, 5}),
		"stride larger than the kernel": layer(2, 3, 10, 11, two, [2]int{3, 4}, one, [2]int{}),
		"more taps than fit in a call":  layer(15, 2, 1, 402, [2]int{1, 400}, one, one, [2]int{}),
		"depthwise":                     same(1, 1, 7, 12).inGroups(5),
		"depthwise with stride":         layer(1, 2, 9, 12, [2]int{3, 3}, two, one, one).inGroups(3),
		"groups":                        same(3, 5, 6, 7).inGroups(3),
		"groups of many channels":       same(34, 33, 3, 5).inGroups(2),
		"groups of many weights":        layer(25, 70, 2, 4, two, one, one, [2]int{}).inGroups(3),
		"dilated":                       layer(3, 2, 9, 10, [2]int{3, 3}, one, [2]int{3, 2}, [2]int{3, 1}),
	}
	for name, g := range cases {
		for _, isa := range Supported() {
			t.Run(name+"/"+string(isa), func(t *testing.T) {
				checkConv(t, isa, g, true, 7)
				checkConv(t, isa, g, false, 8)
			})
		}
	}
}

func randomGeometry(r *rand.Rand) ConvGeometry {
	for {
		pick := func(n int) [2]int { return [2]int{1 + r.IntN(n), 1 + r.IntN(n)} }
		kernel, stride, dilation, pad := pick(5), pick(3), pick(3), [2]int{r.IntN(5), r.IntN(5)}
		g := layer(1+r.IntN(20), 1+r.IntN(20), 1+r.IntN(12), 1+r.IntN(20), kernel, stride, dilation, pad)
		if r.IntN(3) == 0 {
			g = same(1+r.IntN(20), 1+r.IntN(20), 1+r.IntN(12), 1+r.IntN(20))
		}
		if g.In.H+2*g.Pad[0] <= (g.Kernel[0]-1)*g.Dilation[0] || g.In.W+2*g.Pad[1] <= (g.Kernel[1]-1)*g.Dilation[1] {
			continue
		}
		if r.IntN(3) == 0 {
			g = g.inGroups(1 + r.IntN(4))
		}
		more := func() int { return r.IntN(8) / 6 }
		g.In.Halo = Halo{g.In.Top + more(), g.In.Bottom + more(), g.In.Left + more(), g.In.Right + more()}
		g.Out.Halo = Halo{g.Out.Top + more(), g.Out.Bottom + more(), g.Out.Left + more(), g.Out.Right + more()}
		return g
	}
}

func TestConvOfRandomGeometriesEqualsItsDefinition(t *testing.T) {
	for seed := range uint64(40) {
		g := randomGeometry(rand.New(rand.NewPCG(seed, 0)))
		for _, isa := range Supported() {
			t.Run(fmt.Sprint(seed, isa), func(t *testing.T) { checkConv(t, isa, g, seed%2 == 0, seed) })
		}
	}
}

func FuzzConv(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := randomGeometry(rand.New(rand.NewPCG(seed, 0)))
		for _, isa := range Supported() {
			checkConv(t, isa, g, true, seed)
		}
	})
}

func TestPlanConvRejectsInvalidGeometries(t *testing.T) {
	cases := map[string]struct {
		change func(g *ConvGeometry)
		want   string
	}{
		"no pixels":       {func(g *ConvGeometry) { g.Out.W = 0 }, "want at least 1 of each"},
		"no channels":     {func(g *ConvGeometry) { g.In.C = 0 }, "want at least 1 of each"},
		"stride 0":        {func(g *ConvGeometry) { g.Stride[1] = 0 }, "along the columns"},
		"groups":          {func(g *ConvGeometry) { g.Groups = 2 }, "2 groups of 2 and 3 channels"},
		"small halo":      {func(g *ConvGeometry) { g.In.Left = 0 }, "allocate the larger"},
		"negative margin": {func(g *ConvGeometry) { g.Out.Top = -1 }, "no negative margin"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := same(2, 3, 4, 5)
			c.change(&g)
			_, err := PlanConv(Best(), g)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestConvWithoutAHaloOfTheOutputHasNoDataGradient(t *testing.T) {
	g := same(2, 3, 4, 5)
	g.Out.Halo = Halo{}
	p, err := PlanConv(Best(), g)
	require.NoError(t, err)
	require.Nil(t, p.data)
}

// A NaN reaches every result that reads it, also through the ReLU, and no other image.
func TestConvKeepsNaNInItsLane(t *testing.T) {
	for _, isa := range Supported() {
		g := same(3, 5, 8, 9)
		r := rand.New(rand.NewPCG(1, 1))
		p, err := PlanConv(isa, g)
		require.NoError(t, err)
		x, y := g.In.fill(r, false), make([]float32, g.Out.Len())
		x[g.In.at(4, 4, 1)+6] = float32(math.NaN())
		packed := make([]float32, p.Weights())
		p.PackForward(packed, draws(r, p.Weights(), false))
		p.RunForward(y, x, packed, Epilogue{ReLU: true}, make([]float32, p.Scratch()), 0, p.Out.H)
		for i := range g.Out.H * g.Out.W {
			for o := range g.Out.C {
				for l := range Group {
					yy, xx := i/g.Out.W, i%g.Out.W
					near := yy >= 3 && yy <= 5 && xx >= 3 && xx <= 5 && l == 6
					require.Equal(t, near, math.IsNaN(float64(y[g.Out.at(yy, xx, o)+l])), "%s: pixel %d,%d, lane %d", isa, yy, xx, l)
				}
			}
		}
	}
}

func TestConvAllocatesNothing(t *testing.T) {
	g := same(8, 6, 9, 9)
	isa := Best()
	p, err := PlanConv(isa, g)
	require.NoError(t, err)
	x, y := make([]float32, g.In.Len()), make([]float32, g.Out.Len())
	w, sums, scratch := make([]float32, p.Weights()), make([]float32, p.FilterSums()), make([]float32, p.Scratch())
	bias := make([]float32, p.Out.ChannelSums(isa))
	folded := make([]float32, p.FoldedSums())
	require.Zero(t, testing.AllocsPerRun(3, func() {
		p.PackForward(w, sums[:len(w)])
		p.RunForward(y, x, w, Epilogue{ReLU: true}, scratch, 0, p.Out.H)
		p.RunData(x, y, w, Epilogue{}, scratch, 0, p.In.H)
		p.RunFilter(sums, x, y, scratch)
		p.FoldFilter(folded, sums)
		p.FinishFilter(w, folded)
		p.Out.AddPixels(isa, bias, y, 0, p.Out.H)
		p.Out.AddLanes(isa, bias[:g.Out.C], bias)
	}))
}

func TestLaneAndPixelSumsEqualTheirTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, isa := range Supported() {
		lanes := convLanes(isa)
		for n := range 68 {
			src := draws(r, n*lanes, false)
			all, got := guarded(n)
			clear(got)
			want := make([]float32, n)
			laneSums(isa, got, src)
			laneSumsGeneric(want, src, lanes)
			requireGuards(t, all)
			require.Equal(t, want, got, "%s: %d sums over lanes", isa, n)

			x := draws(r, 5*(n+1)*Group, false)
			all, got = guarded(n * lanes)
			clear(got)
			want = make([]float32, n*lanes)
			pixelSums(isa, got, x, n, 5, (n+1)*Group)
			pixelSumsGeneric(want, x, n, lanes, 5, (n+1)*Group)
			requireGuards(t, all)
			require.Equal(t, want, got, "%s: %d channels over pixels", isa, n)
		}
	}
}

// Rows of a result do not depend on the call that computes them, and a call writes no
// other rows.
func TestConvolvingSomeRowsGivesTheRowsOfTheWhole(t *testing.T) {
	for _, isa := range Supported() {
		for seed := range uint64(12) {
			r := rand.New(rand.NewPCG(seed, 3))
			g := randomGeometry(r)
			p, err := PlanConv(isa, g)
			require.NoError(t, err)
			x, dy, w := g.In.fill(r, false), g.Out.fill(r, false), draws(r, p.Weights(), false)
			scratch, packed := make([]float32, p.Scratch()), make([]float32, len(w))
			check := func(m Image, whole func(out []float32), rows func(out []float32, from, to int)) {
				want, got := make([]float32, m.Len()), make([]float32, m.Len())
				whole(want)
				cut := r.IntN(m.H + 1)
				rows(got, cut, m.H)
				for _, v := range got[:m.at(cut, -m.Left, 0)] {
					require.Zero(t, v, "a row before %d was written", cut)
				}
				rows(got, 0, cut)
				require.Equal(t, want, got, "%s: seed %d", isa, seed)
			}
			p.PackForward(packed, w)
			check(g.Out, func(out []float32) { p.RunForward(out, x, packed, Epilogue{ReLU: true}, scratch, 0, p.Out.H) },
				func(out []float32, from, to int) {
					p.RunForward(out, x, packed, Epilogue{ReLU: true}, scratch, from, to)
				})
			p.PackData(packed, w)
			check(g.In, func(out []float32) { p.RunData(out, dy, packed, Epilogue{ReLU: true}, scratch, 0, p.In.H) },
				func(out []float32, from, to int) {
					p.RunData(out, dy, packed, Epilogue{ReLU: true}, scratch, from, to)
				})
		}
	}
}
