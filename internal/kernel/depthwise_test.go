package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomDepthwise returns a random convolution of a plane whose result is not empty.
func randomDepthwise(r *rand.Rand) DepthwiseGeometry {
	upTo := func(n int) int { return 1 + r.IntN(n) }
	for {
		g := DepthwiseGeometry{
			In: [2]int{upTo(12), upTo(40)}, Kernel: [2]int{upTo(5), upTo(5)},
			Stride: [2]int{upTo(3), upTo(2)}, Dilation: [2]int{upTo(2), upTo(2)}, Pad: [2]int{r.IntN(4), r.IntN(4)},
		}
		if r.IntN(2) == 0 {
			g.Kernel, g.Dilation[0] = [2]int{3, 3}, 1
		}
		for i := range g.Out {
			g.Out[i] = (g.In[i]+g.Pad[i]+r.IntN(4)-(g.Kernel[i]-1)*g.Dilation[i]-1)/g.Stride[i] + 1
		}
		if g.Out[0] > 0 && g.Out[1] > 0 {
			return g
		}
	}
}

// taps calls f with the places in x, w and y of each product.
func (g DepthwiseGeometry) taps(f func(x, w, y int)) {
	for p := range g.Out[0] {
		for q := range g.Out[1] {
			for i := range g.Kernel[0] {
				for j := range g.Kernel[1] {
					row, col := p*g.Stride[0]+i*g.Dilation[0]-g.Pad[0], q*g.Stride[1]+j*g.Dilation[1]-g.Pad[1]
					if row >= 0 && row < g.In[0] && col >= 0 && col < g.In[1] {
						f(row*g.In[1]+col, i*g.Kernel[1]+j, p*g.Out[1]+q)
					}
				}
			}
		}
	}
}

// depthwiseResults is what a convolution computes for one plane.
type depthwiseResults[F Float] struct{ y, dx, sums, dw []F }

// runDepthwise computes all results, twice with the same scratch.
func runDepthwise[F Float](d *Depthwise[F], x, w, dy []F) (out depthwiseResults[F]) {
	scratch := make([]F, d.Scratch())
	for i := range scratch {
		scratch[i] = vectorGuard
	}
	out.y, out.dx, out.dw = make([]F, len(dy)), make([]F, len(x)), make([]F, len(w))
	packed := make([]F, len(w))
	d.PackData(packed, w)
	d.Begin(scratch)
	d.Forward(out.y, x, w, scratch)
	d.Forward(out.y, x, w, scratch)
	out.sums = make([]F, d.FilterSums())
	d.Filter(out.sums, x, dy, scratch)
	d.FoldFilter(out.dw, out.sums)
	d.Begin(scratch)
	d.Data(out.dx, dy, packed, scratch)
	d.Data(out.dx, dy, packed, scratch)
	return out
}

func normals[F Float](r *rand.Rand, n int) []F {
	x := make([]F, n)
	for i := range x {
		x[i] = F(r.NormFloat64())
	}
	return x
}

func TestDepthwiseEqualsItsDefinition(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testDepthwise[float32](t, 1e-5) })
	t.Run("float64", func(t *testing.T) { testDepthwise[float64](t, 1e-13) })
}

func testDepthwise[F Float](t *testing.T, tolerance float64) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		g := randomDepthwise(r)
		x, w, dy := normals[F](r, g.In[0]*g.In[1]), normals[F](r, g.Kernel[0]*g.Kernel[1]), normals[F](r, g.Out[0]*g.Out[1])
		var want depthwiseResults[float64]
		want.y, want.dx, want.dw = make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
		g.taps(func(i, k, o int) {
			want.y[o] += float64(x[i]) * float64(w[k])
			want.dx[i] += float64(dy[o]) * float64(w[k])
			want.dw[k] += float64(dy[o]) * float64(x[i])
		})
		for _, isa := range Supported() {
			require.True(t, g.Runs(), "%+v", g)
			d := PlanDepthwise[F](isa, g)
			got := runDepthwise(d, x, w, dy)
			compare := func(what string, want []float64, got []F) {
				for i, v := range want {
					if !(math.Abs(v-float64(got[i])) <= tolerance*(10+math.Abs(v))) {
						require.Failf(t, "differ", "%s by %s, seed %d, %+v: element %d is %v, want %v", what, isa, seed, g, i, got[i], v)
					}
				}
			}
			compare("y", want.y, got.y)
			compare("dx", want.dx, got.dx)
			compare("dw", want.dw, got.dw)
		}
	}
}

func TestDepthwiseAssemblyEqualsItsTwin(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testDepthwiseTwin(t, mulAdd32) })
	t.Run("float64", func(t *testing.T) { testDepthwiseTwin(t, mulAdd64) })
}

// testDepthwiseTwin compares with plain kernels of as many lanes.
func testDepthwiseTwin[F Float](t *testing.T, fma func(x, y, z F) F) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 6))
		g := randomDepthwise(r)
		x, w, dy := normals[F](r, g.In[0]*g.In[1]), normals[F](r, g.Kernel[0]*g.Kernel[1]), normals[F](r, g.Out[0]*g.Out[1])
		for _, isa := range assembly(t) {
			d := PlanDepthwise[F](isa, g)
			twin := planDepthwise(depthwisePlain(d.kernels.lanes, fma), g)
			require.Equal(t, runDepthwise(twin, x, w, dy), runDepthwise(d, x, w, dy), "%s, seed %d, %+v", isa, seed, g)
		}
	}
}

func TestDepthwiseSpreadsNoNaN(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		g := randomDepthwise(r)
		x, w, dy := normals[float32](r, g.In[0]*g.In[1]), normals[float32](r, g.Kernel[0]*g.Kernel[1]), normals[float32](r, g.Out[0]*g.Out[1])
		infinite, at, grad := append([]float32{}, dy...), r.IntN(len(x)), r.IntN(len(dy))
		x[at], infinite[grad] = float32(math.NaN()), float32(math.Inf(1))
		y, dx, dw := make([]bool, len(dy)), make([]bool, len(x)), make([]bool, len(w))
		g.taps(func(i, k, o int) {
			y[o], dx[i], dw[k] = y[o] || i == at, dx[i] || o == grad, dw[k] || i == at
		})
		for _, isa := range Supported() {
			d := PlanDepthwise[float32](isa, g)
			got := runDepthwise(d, x, w, dy)
			finite := func(what string, may []bool, got []float32) {
				for i, v := range got {
					if d := v - v; d != d && !may[i] {
						require.Failf(t, "not finite", "%s by %s, seed %d, %+v: element %d is %v", what, isa, seed, g, i, v)
					}
				}
			}
			finite("y", y, got.y)
			finite("dw", dw, got.dw)
			finite("dx", dx, runDepthwise(d, x, w, infinite).dx)
		}
	}
}

func TestDepthwiseSaysWhatItRuns(t *testing.T) {
	g := DepthwiseGeometry{In: [2]int{9, 9}, Out: [2]int{7, 7}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
	require.True(t, g.Runs())
	wide := g
	wide.Stride[1], wide.Out[1] = 3, 3
	require.False(t, wide.Runs(), "a column stride of 3")
	large := g
	large.In, large.Out = [2]int{300, 300}, [2]int{298, 298}
	require.False(t, large.Runs(), "a large plane")
}

func TestDepthwiseAllocatesNothing(t *testing.T) {
	g := DepthwiseGeometry{In: [2]int{9, 9}, Out: [2]int{7, 7}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
	d := PlanDepthwise[float32](Best(), g)
	x, y, w := make([]float32, 81), make([]float32, 49), make([]float32, 9)
	scratch, sums := make([]float32, d.Scratch()), make([]float32, d.FilterSums())
	require.Zero(t, testing.AllocsPerRun(3, func() {
		d.Begin(scratch)
		d.Forward(y, x, w, scratch)
		d.Filter(sums, x, y, scratch)
		d.FoldFilter(w, sums)
		d.Data(x, y, w, scratch)
	}))
}
