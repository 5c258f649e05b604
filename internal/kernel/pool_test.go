package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// pooling returns a geometry with all windows that are inside the padded image or, if
// partial, begin in it.
func pooling(c, h, w int, size, stride, pad [2]int, partial bool) PoolGeometry {
	in, out := [2]int{h, w}, [2]int{}
	for a := range in {
		over := in[a] + 2*pad[a] - size[a]
		if partial {
			over = in[a] + pad[a] - 1
		}
		out[a] = over/stride[a] + 1
	}
	return PoolGeometry{Image{H: h, W: w, C: c}, Image{H: out[0], W: out[1], C: c}, size, stride, pad}
}

// windowsOf calls f for each window and each of its pixels, with the index of the tap and
// the number of pixels of the window.
func (g PoolGeometry) windowsOf(f func(p, q, y, x, tap, pixels int)) {
	for p := range g.Out.H {
		for q := range g.Out.W {
			inside := func(do func(y, x, tap int)) {
				for tap := range g.Size[0] * g.Size[1] {
					y, x := p*g.Stride[0]+tap/g.Size[1]-g.Pad[0], q*g.Stride[1]+tap%g.Size[1]-g.Pad[1]
					if y >= 0 && y < g.In.H && x >= 0 && x < g.In.W {
						do(y, x, tap)
					}
				}
			}
			pixels := 0
			inside(func(int, int, int) { pixels++ })
			inside(func(y, x, tap int) { f(p, q, y, x, tap, pixels) })
		}
	}
}

// guards returns a buffer for an image, filled with guards.
func (m Image) guards() (all, inside []float32) { return guarded(m.Len()) }

// checkPool compares all kernels with their definition, on small integers, of which many
// are equal, and on some NaN and infinities.
func checkPool(t *testing.T, isa ISA, g PoolGeometry, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	p, err := PlanPool(isa, g)
	require.NoError(t, err)
	x, dy := g.In.fill(r, true), g.Out.fill(r, true)
	relu := r.IntN(2) == 0
	if r.IntN(2) == 0 {
		special := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}
		for range 1 + len(x)/50 {
			x[g.In.at(r.IntN(g.In.H), r.IntN(g.In.W), r.IntN(g.In.C))+r.IntN(Group)] = special[r.IntN(3)]
		}
	}

	_, top := g.Out.guards()
	_, index := g.Out.guards()
	g.windowsOf(func(p, q, y, x2, tap, _ int) {
		for i := range g.In.Pixel() {
			to, v := g.Out.at(p, q, 0)+i, x[g.In.at(y, x2, 0)+i]
			if index[to] == guard || v > top[to] || v != v && top[to] == top[to] {
				top[to], index[to] = v, float32(tap)
			}
		}
	})
	if relu {
		for i, v := range top {
			if v <= 0 {
				top[i], index[i] = 0, -1
			}
		}
	}
	outAll, out := g.Out.guards()
	indexAll, gotIndex := g.Out.guards()
	p.Max(out, gotIndex, x, relu, 0, p.Out.H)
	requireGuards(t, outAll)
	requireGuards(t, indexAll)
	require.Equal(t, index, gotIndex, "index")
	for i, v := range top {
		if v != v {
			if out[i] == out[i] {
				require.Failf(t, "a NaN is lost", "element %d is %v", i, out[i])
			}
			continue
		}
		if v != out[i] {
			require.Equal(t, v, out[i], "element %d", i)
		}
	}

	into := func(what string, m Image, want []float32, run func(got []float32)) {
		all, got := m.guards()
		run(got)
		requireGuards(t, all)
		for i := range want {
			if !(math.Abs(float64(want[i]-got[i])) <= 1e-5) {
				require.Failf(t, what, "element %d: want %v, got %v", i, want[i], got[i])
			}
		}
	}
	inside := func(m Image) []float32 {
		_, v := m.guards()
		for y := range m.H {
			from := m.at(y, 0, 0)
			clear(v[from : from+m.W*m.Pixel()])
		}
		return v
	}
	want := inside(g.In)
	g.windowsOf(func(p, q, y, x, tap, _ int) {
		for i := range g.In.Pixel() {
			if from := g.Out.at(p, q, 0) + i; index[from] == float32(tap) {
				want[g.In.at(y, x, 0)+i] += dy[from]
			}
		}
	})
	into("gradient of the greatest", g.In, want, func(got []float32) { p.MaxGrad(got, dy, index) })

	x = g.In.fill(r, true)
	for _, divisor := range []Divisor{NoDivisor, ExcludePad, IncludePad} {
		sums, spread := inside(g.Out), inside(g.In)
		g.windowsOf(func(p, q, y, x2, _, pixels int) {
			weight := float32(1)
			switch divisor {
			case ExcludePad:
				weight /= float32(pixels)
			case IncludePad:
				weight /= float32(g.Size[0] * g.Size[1])
			}
			for i := range g.In.Pixel() {
				sums[g.Out.at(p, q, 0)+i] += weight * x[g.In.at(y, x2, 0)+i]
				spread[g.In.at(y, x2, 0)+i] += weight * dy[g.Out.at(p, q, 0)+i]
			}
		})
		into("sum", g.Out, sums, func(got []float32) { p.Sum(got, x, divisor, nil, false, 0, p.Out.H) })
		into("spread", g.In, spread, func(got []float32) { p.Spread(got, dy, divisor) })
	}
}

func TestPoolEqualsItsDefinition(t *testing.T) {
	one, two, three, none := [2]int{1, 1}, [2]int{2, 2}, [2]int{3, 3}, [2]int{}
	cases := map[string]PoolGeometry{
		"2x2":                       pooling(5, 6, 8, two, two, none, false),
		"2x2, an odd image":         pooling(8, 7, 7, two, two, none, false),
		"2x2, a partial window":     pooling(3, 7, 5, two, two, none, true),
		"2x2 box sums":              pooling(2, 4, 5, two, one, one, false),
		"3x3, stride 2, padded":     pooling(9, 9, 8, three, two, one, false),
		"the whole image":           pooling(4, 3, 5, [2]int{3, 5}, one, none, false),
		"stride larger than window": pooling(2, 8, 9, two, three, none, false),
		"one pixel":                 pooling(1, 1, 1, one, one, none, false),
		"3x1":                       pooling(6, 7, 4, [2]int{3, 1}, [2]int{3, 1}, none, false),
	}
	for name, g := range cases {
		g.In.Halo, g.Out.Halo = Halo{1, 0, 2, 1}, Halo{0, 1, 1, 2}
		for _, isa := range Supported() {
			t.Run(name+"/"+string(isa), func(t *testing.T) {
				for seed := range uint64(4) {
					checkPool(t, isa, g, seed)
				}
			})
		}
	}
}

func randomPooling(r *rand.Rand) PoolGeometry {
	pick := func(n int) [2]int { return [2]int{1 + r.IntN(n), 1 + r.IntN(n)} }
	size := pick(4)
	pad := [2]int{r.IntN(size[0]), r.IntN(size[1])}
	return pooling(1+r.IntN(12), size[0]+r.IntN(6), size[1]+r.IntN(9), size, pick(4), pad, r.IntN(2) == 0)
}

func TestPoolOfRandomGeometriesEqualsItsDefinition(t *testing.T) {
	for seed := range uint64(40) {
		g := randomPooling(rand.New(rand.NewPCG(seed, 0)))
		for _, isa := range Supported() {
			t.Run(fmt.Sprint(seed, isa), func(t *testing.T) { checkPool(t, isa, g, seed) })
		}
	}
}

func FuzzPool(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := randomPooling(rand.New(rand.NewPCG(seed, 0)))
		for _, isa := range Supported() {
			checkPool(t, isa, g, seed)
		}
	})
}

func TestPlanPoolRejectsInvalidGeometries(t *testing.T) {
	cases := map[string]struct {
		change func(g *PoolGeometry)
		want   string
	}{
		"other channels":  {func(g *PoolGeometry) { g.Out.C++ }, "want the same"},
		"no size":         {func(g *PoolGeometry) { g.Size[0] = 0 }, "along the rows"},
		"large padding":   {func(g *PoolGeometry) { g.Pad[1] = 2 }, "padding below the size"},
		"too many":        {func(g *PoolGeometry) { g.Out.W = 4 }, "beyond the image"},
		"no result":       {func(g *PoolGeometry) { g.Out.H = 0 }, "want at least 1"},
		"negative margin": {func(g *PoolGeometry) { g.In.Left = -1 }, "no negative margin"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := pooling(3, 6, 6, [2]int{2, 2}, [2]int{2, 2}, [2]int{}, false)
			c.change(&g)
			_, err := PlanPool(Best(), g)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestPoolAllocatesNothing(t *testing.T) {
	g := pooling(3, 9, 9, [2]int{3, 3}, [2]int{2, 2}, [2]int{1, 1}, false)
	p, err := PlanPool(Best(), g)
	require.NoError(t, err)
	x, y, index := make([]float32, g.In.Len()), make([]float32, g.Out.Len()), make([]float32, g.Out.Len())
	require.Zero(t, testing.AllocsPerRun(3, func() {
		p.Max(y, index, x, true, 0, p.Out.H)
		p.MaxGrad(x, y, index)
		p.Sum(y, x, ExcludePad, nil, false, 0, p.Out.H)
		p.Spread(x, y, ExcludePad)
	}))
}

func TestSumsOfWindowsTakeABiasAndAReLU(t *testing.T) {
	for _, isa := range Supported() {
		for seed := range uint64(8) {
			r := rand.New(rand.NewPCG(seed, 5))
			p, err := PlanPool(isa, randomPooling(r))
			require.NoError(t, err)
			x, bias := p.In.fill(r, false), draws(r, p.Out.C, false)
			want, got := make([]float32, p.Out.Len()), make([]float32, p.Out.Len())
			p.Sum(want, x, ExcludePad, nil, false, 0, p.Out.H)
			pixel := make([]float32, p.Out.Pixel())
			p.Out.AtPixel(pixel, bias)
			for y := range p.Out.H {
				for x := range p.Out.W {
					for i := range pixel {
						at := p.Out.at(y, x, 0) + i
						want[at] = max(want[at]+bias[i/Group], 0)
					}
				}
			}
			p.Sum(got, x, ExcludePad, pixel, true, 0, p.Out.H)
			require.Equal(t, want, got, "%s: seed %d", isa, seed)
		}
	}
}

func TestReLUGradPassesGradientsWhereTheOutputIsPositive(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, isa := range Supported() {
		for n := 0; n <= 10*Group; n += Group {
			r := rand.New(rand.NewPCG(uint64(n), 6))
			y, dy := draws(r, n+1, false)[1:], draws(r, n+1, false)[1:] // not aligned
			for i, v := range []float32{nan, inf, -inf, 0, float32(math.Copysign(0, -1))} {
				if n > 0 {
					y[i], dy[i+5] = v, v
				}
			}
			want, all := make([]float32, n), make([]float32, n+2)
			reluGradGeneric(want, dy, y)
			all[0], all[n+1] = 7, 7
			ReLUGrad(isa, all[1:n+1], dy, y)
			bits := func(x []float32) (b []uint32) {
				for _, v := range x {
					b = append(b, math.Float32bits(v))
				}
				return b
			}
			require.Equal(t, bits(want), bits(all[1:n+1]), "%s: %d", isa, n)
			require.Equal(t, [2]float32{7, 7}, [2]float32{all[0], all[n+1]}, "%s: guards", isa)
			ReLUGrad(isa, dy, dy, y)
			require.Equal(t, bits(want), bits(dy), "%s: %d in place", isa, n)
		}
	}
}

func TestPoolingSomeRowsGivesTheRowsOfTheWhole(t *testing.T) {
	for _, isa := range Supported() {
		for seed := range uint64(12) {
			r := rand.New(rand.NewPCG(seed, 4))
			p, err := PlanPool(isa, randomPooling(r))
			require.NoError(t, err)
			x, cut := p.In.fill(r, false), r.IntN(p.Out.H+1)
			buffers := func() [3][]float32 {
				n := p.Out.Len()
				return [3][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}
			}
			want, got := buffers(), buffers()
			p.Max(want[0], want[1], x, true, 0, p.Out.H)
			p.Sum(want[2], x, ExcludePad, nil, false, 0, p.Out.H)
			for _, rows := range [][2]int{{cut, p.Out.H}, {0, cut}} {
				p.Max(got[0], got[1], x, true, rows[0], rows[1])
				p.Sum(got[2], x, ExcludePad, nil, false, rows[0], rows[1])
			}
			require.Equal(t, want, got, "%s: seed %d", isa, seed)
		}
	}
}

func BenchmarkPool(b *testing.B) {
	two := [2]int{2, 2}
	g := pooling(16, 28, 28, two, two, [2]int{}, false)
	for _, isa := range Supported() {
		p, err := PlanPool(isa, g)
		if err != nil {
			b.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 1))
		x, y, index := g.In.fill(r, false), make([]float32, g.Out.Len()), make([]float32, g.Out.Len())
		for name, run := range map[string]func(){
			"max":      func() { p.Max(y, index, x, true, 0, p.Out.H) },
			"max grad": func() { p.MaxGrad(x, y, index) },
			"sum":      func() { p.Sum(y, x, NoDivisor, nil, false, 0, p.Out.H) },
			"spread":   func() { p.Spread(x, y, NoDivisor) },
		} {
			b.Run(string(isa)+"/"+name, func(b *testing.B) {
				for b.Loop() {
					run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/pixel")
			})
		}
	}
}
