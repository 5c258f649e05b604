package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// poolCell returns a small integer, so that elements tie, or a special number.
func poolCell(r *rand.Rand) float64 {
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Inf(-1), math.Copysign(0, -1), 0}
	if k := r.IntN(4 * len(special)); k < len(special) {
		return special[k]
	}
	return float64(r.IntN(5) - 2)
}

// drawPools draws windows, with a different margin on each side, and the primitives
// that pool by them.
func drawPools(r *rand.Rand) (prims []lower.Prim, x, y lower.Shape) {
	for {
		w := lower.Window{Size: [2]int{1 + r.IntN(4), 1 + r.IntN(4)}, Stride: [2]int{1 + r.IntN(3), 1 + r.IntN(3)}}
		w.Pad = lower.Margins{Top: r.IntN(w.Size[0]), Bottom: r.IntN(w.Size[0]), Left: r.IntN(w.Size[1]), Right: r.IntN(w.Size[1])}
		x = lower.Shape{1 + r.IntN(2), 1 + r.IntN(3), 1 + r.IntN(12), 1 + r.IntN(40)}
		out, err := lower.Pool{Window: w}.Infer([]lower.Shape{x})
		if err != nil {
			continue
		}
		prims = []lower.Prim{lower.Pool{Window: w}, lower.PoolAt{Window: w}, lower.PoolGrad{Window: w}}
		for _, s := range []lower.Divisor{lower.ExcludePad, lower.IncludePad, lower.NoDivisor} {
			prims = append(prims, lower.PoolSum{Window: w, Divisor: s}, lower.PoolSpread{Window: w, Divisor: s, In: [2]int(x[2:])})
		}
		return prims, x, out[0]
	}
}

func TestPoolingKernelsHaveTheBitsOfTheInterpreter(t *testing.T) {
	t.Run("float32", testPoolBits[float32])
	t.Run("float64", testPoolBits[float64])
}

func testPoolBits[T lower.Float](t *testing.T) {
	drawn := func(r *rand.Rand, s lower.Shape) lower.Array[T] {
		a := lower.NewArray[T](s)
		for i := range a.Data {
			a.Data[i] = T(poolCell(r))
		}
		return a
	}
	one := team.New(1)
	defer one.Close()
	byKernels := 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 21))
		prims, x, y := drawPools(r)
		for _, p := range prims {
			in, shape := []lower.Array[T]{drawn(r, x)}, y
			switch p.(type) {
			case lower.PoolAt:
				in = append(in, drawn(r, x))
			case lower.PoolGrad:
				in, shape = append(in, drawn(r, y)), x
			case lower.PoolSpread:
				in, shape = []lower.Array[T]{drawn(r, y)}, x
			}
			want := lower.NewArray[T](shape)
			require.NoError(t, interp.Exec(p, in, []lower.Array[T]{want}))
			for _, isa := range kernel.Supported() {
				name := fmt.Sprintf("seed %d, %s: %v of %v", seed, isa, p, in[0].Shape)
				shapes := []lower.Shape{in[0].Shape}
				if len(in) > 1 {
					shapes = append(shapes, in[1].Shape)
				}
				work := newWorkspace[T](1)
				s := newPoolStep(p, shapes, shape, isa, vectorFor[T](isa), work)
				if s.kernel != nil {
					byKernels++
				}
				work.alloc()
				got := drawn(r, shape) // the old contents do not matter
				require.NoError(t, s.run(one, in, []lower.Array[T]{got}), name)
				for i, v := range want.Data {
					g := got.Data[i]
					if (v == v || g == g) && math.Float64bits(float64(v)) != math.Float64bits(float64(g)) {
						require.Failf(t, "bits differ", "%s: element %d is %v, want %v", name, i, g, v)
					}
				}
			}
		}
	}
	require.Greater(t, byKernels, 500)
}

func BenchmarkPoolsOfImages(b *testing.B) {
	b.Run("float32", benchmarkPools[float32])
	b.Run("float64", benchmarkPools[float64])
}

func benchmarkPools[T lower.Float](b *testing.B) {
	one := team.New(1)
	defer one.Close()
	isa := kernel.Best()
	x := lower.Shape{1, 16, 28, 28}
	for name, w := range map[string]lower.Window{
		"2x2 by 2":         {Size: [2]int{2, 2}, Stride: [2]int{2, 2}},
		"3x3 by 2, padded": {Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: lower.Margins{Top: 1, Left: 1, Bottom: 1, Right: 1}},
		"3x3 by 1, padded": {Size: [2]int{3, 3}, Stride: [2]int{1, 1}, Pad: lower.Margins{Top: 1, Left: 1, Bottom: 1, Right: 1}},
		"the whole image":  {Size: [2]int{28, 28}, Stride: [2]int{1, 1}},
	} {
		inferred, err := lower.Pool{Window: w}.Infer([]lower.Shape{x})
		require.NoError(b, err)
		y := inferred[0]
		for what, p := range map[string]lower.Prim{
			"max": lower.Pool{Window: w}, "max at": lower.PoolAt{Window: w}, "max grad": lower.PoolGrad{Window: w},
			"mean": lower.PoolSum{Window: w}, "mean grad": lower.PoolSpread{Window: w, In: [2]int(x[2:])},
		} {
			shapes, out := []lower.Shape{x}, y
			switch p.(type) {
			case lower.PoolAt:
				shapes = []lower.Shape{x, x}
			case lower.PoolGrad:
				shapes, out = []lower.Shape{x, y}, x
			case lower.PoolSpread:
				shapes, out = []lower.Shape{y}, x
			}
			var in []lower.Array[T]
			r := rand.New(rand.NewPCG(1, 1))
			for _, s := range shapes {
				a := lower.NewArray[T](s)
				for i := range a.Data {
					a.Data[i] = T(r.NormFloat64())
				}
				in = append(in, a)
			}
			to := []lower.Array[T]{lower.NewArray[T](out)}
			work := newWorkspace[T](1)
			s := newPoolStep(p, shapes, out, isa, vectorFor[T](isa), work)
			work.alloc()
			plain := *s
			plain.kernel = nil
			for how, s := range map[string]*poolStep[T]{"kernels": s, "loops": &plain} {
				b.Run(name+"/"+what+"/"+how, func(b *testing.B) {
					for b.Loop() {
						require.NoError(b, s.run(one, in, to))
					}
				})
			}
		}
	}
}
