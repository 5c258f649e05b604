package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// TestConvolutionsInGroupsEqualTheInterpreter compares whole steps in float32, for
// batches that need not fill a group of images.
func TestConvolutionsInGroupsEqualTheInterpreter(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 12))
		upTo := func(n int) int { return 1 + r.IntN(n) }
		g, groups := drawGrouped(r), upTo(12)
		g.Groups = groups
		x := lower.Shape{minImages + r.IntN(30), groups * upTo(3), 4 + upTo(20), 5 + upTo(20)}
		w := lower.Shape{groups * upTo(3), x[1] / groups, upTo(3), upTo(3)}
		if r.IntN(2) == 0 {
			w[0] = groups * (manyOutputs + r.IntN(12))
		}
		testGroupedConv[float32](t, graph.Float32, r, g, x, w, 2e-4)
	}
}

// TestDepthwiseConvolutionsEqualTheInterpreter compares whole steps for any number of
// images.
func TestDepthwiseConvolutionsEqualTheInterpreter(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 13))
		g := drawGrouped(r)
		g.Groups = 2 + r.IntN(20)
		x := lower.Shape{1 + r.IntN(20), g.Groups, 4 + r.IntN(30), 5 + r.IntN(30)}
		w := lower.Shape{g.Groups, 1, 1 + r.IntN(4), 1 + r.IntN(4)}
		if r.IntN(2) == 0 {
			w[2], w[3] = 3, 3
		}
		testGroupedConv[float32](t, graph.Float32, r, g, x, w, 2e-4)
		testGroupedConv[float64](t, graph.Float64, r, g, x, w, 1e-11)
	}
}

// drawGrouped draws a geometry, but not the groups.
func drawGrouped(r *rand.Rand) lower.Geometry {
	upTo := func(n int) int { return 1 + r.IntN(n) }
	return lower.Geometry{
		Stride: [2]int{upTo(2), upTo(2)}, Dilation: [2]int{1, upTo(2)},
		Pad: lower.Margins{Top: r.IntN(3), Bottom: r.IntN(3), Left: r.IntN(3), Right: r.IntN(3)},
	}
}

// testGroupedConv compares a convolution and both of its gradients.
func testGroupedConv[T lower.Float](t *testing.T, dtype graph.Dtype, r *rand.Rand, g lower.Geometry, x, w lower.Shape, tolerance float64) {
	one, three := team.New(1), team.New(3)
	defer one.Close()
	defer three.Close()
	y, err := lower.Conv{Geometry: g}.Infer([]lower.Shape{x, w})
	require.NoError(t, err)
	for _, c := range []struct {
		prim lower.Prim
		in   [2]lower.Shape
	}{
		{lower.Conv{Geometry: g}, [2]lower.Shape{x, w}},
		{lower.ConvData{Geometry: g, In: [2]int(x[2:])}, [2]lower.Shape{y[0], w}},
		{lower.ConvFilter{Geometry: g, Kernel: [2]int(w[2:])}, [2]lower.Shape{x, y[0]}},
	} {
		f := lower.NewFunc(c.in[:]...)
		f.Return(f.Apply(c.prim, f.In(0), f.In(1))...)
		p, err := plan.OfFunc(f, dtype, targetOf(dtype))
		require.NoError(t, err)
		if g.Groups > 1 {
			require.Contains(t, p.String(), fmt.Sprintf("= %v", c.prim), "a whole step")
		}
		var in []lower.Array[T]
		for _, s := range c.in {
			a := lower.NewArray[T](s)
			for i := range a.Data {
				a.Data[i] = T(r.NormFloat64())
			}
			in = append(in, a)
		}
		want, err := interp.Run(f, in...)
		require.NoError(t, err)
		for _, isa := range kernel.Supported() {
			got := runPlan(t, p, one, isa, in)[0].Elements()
			for i, v := range want[0].Elements() {
				if d := math.Abs(float64(v - got[i])); !(d <= tolerance*(1+math.Abs(float64(v)))) {
					require.Fail(t, "differ", "%v, %v, %s: element %d: want %v, got %v", c.prim, c.in, isa, i, v, got[i])
				}
			}
			require.Equal(t, got, runPlan(t, p, three, isa, in)[0].Elements(), "%v, %s: three threads", c.prim, isa)
		}
	}
}
