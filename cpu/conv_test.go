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

// imageCase is a primitive on images with its operands.
type imageCase struct {
	prim lower.Prim
	in   []lower.Array[float64]
}

func (c imageCase) String() string {
	s := fmt.Sprint(c.prim)
	for _, a := range c.in {
		s += fmt.Sprint(" ", a.Shape)
	}
	return s
}

func drawn(r *rand.Rand, shape ...int) lower.Array[float64] {
	a := lower.NewArray[float64](lower.Shape(shape))
	for i := range a.Data {
		a.Data[i] = r.NormFloat64()
	}
	return a
}

// drawImages draws a convolution and a pooling, with their gradients, on images and
// kernels of random sizes. Sometimes an image has several tiles, and sometimes a tile
// has several images.
func drawImages(r *rand.Rand) []imageCase {
	upTo := func(n int) int { return 1 + r.IntN(n) }
	for {
		g := lower.Geometry{Stride: [2]int{upTo(1 + r.IntN(3)), upTo(1 + r.IntN(3))}, Dilation: [2]int{upTo(2), upTo(2)}}
		g.Pad = lower.Margins{Top: r.IntN(3), Bottom: r.IntN(3), Left: r.IntN(3), Right: r.IntN(3)}
		if r.IntN(2) == 0 {
			g.Stride = [2]int{1, 1}
		}
		x := lower.Shape{upTo(9), upTo(9), upTo(5 + r.IntN(30)), upTo(5 + r.IntN(30))}
		w := lower.Shape{upTo(9), x[1], upTo(4), upTo(4)}
		y, err := lower.Conv{Geometry: g}.Infer([]lower.Shape{x, w})
		if err != nil {
			continue
		}
		all := []imageCase{
			{lower.Conv{Geometry: g}, []lower.Array[float64]{drawn(r, x...), drawn(r, w...)}},
			{lower.ConvData{Geometry: g, In: [2]int{x[2], x[3]}}, []lower.Array[float64]{drawn(r, y[0]...), drawn(r, w...)}},
			{lower.ConvFilter{Geometry: g, Kernel: [2]int{w[2], w[3]}}, []lower.Array[float64]{drawn(r, x...), drawn(r, y[0]...)}},
		}
		window := lower.Window{Size: [2]int{upTo(3), upTo(3)}, Stride: [2]int{upTo(3), upTo(3)}}
		window.Pad = lower.Margins{Top: r.IntN(window.Size[0]), Left: r.IntN(window.Size[1])}
		pooled, err := lower.Pool{Window: window}.Infer([]lower.Shape{x})
		if err != nil {
			continue
		}
		share := lower.Divisor(r.IntN(3))
		return append(all,
			imageCase{lower.Pool{Window: window}, []lower.Array[float64]{drawn(r, x...)}},
			imageCase{lower.PoolAt{Window: window}, []lower.Array[float64]{drawn(r, x...), drawn(r, x...)}},
			imageCase{lower.PoolGrad{Window: window}, []lower.Array[float64]{drawn(r, x...), drawn(r, pooled[0]...)}},
			imageCase{lower.PoolSum{Window: window, Divisor: share}, []lower.Array[float64]{drawn(r, x...)}},
			imageCase{lower.PoolSpread{Window: window, Divisor: share, In: [2]int{x[2], x[3]}}, []lower.Array[float64]{drawn(r, pooled[0]...)}})
	}
}

// result returns memory for the primitive's result, filled with NaN.
func (c imageCase) result(t *testing.T) []lower.Array[float64] {
	var shapes []lower.Shape
	for _, a := range c.in {
		shapes = append(shapes, a.Shape)
	}
	out, err := c.prim.Infer(shapes)
	require.NoError(t, err, c)
	a := lower.NewArray[float64](out[0])
	for i := range a.Data {
		a.Data[i] = math.NaN()
	}
	return []lower.Array[float64]{a}
}

// run runs the machine's step twice, the second time over what the first has left in
// memory.
func (c imageCase) run(t *testing.T, isa kernel.ISA, workers int) []float64 {
	var shapes []lower.Shape
	for _, a := range c.in {
		shapes = append(shapes, a.Shape)
	}
	f := lower.NewFunc(shapes...)
	s := plan.Step{Prim: c.prim}
	for i := range c.in {
		s.In = append(s.In, f.In(i))
	}
	s.Out = f.Apply(c.prim, s.In...)
	f.Return(s.Out...)
	m := newMaker[float64](&plan.Plan{Func: f, Values: plan.Layouts(f), Steps: []plan.Step{s}, Dtype: graph.Float64}, workers, isa)
	step, err := m.step(0)
	require.NoError(t, err, c)
	_, plain := step.(plainStep[float64])
	require.False(t, plain, c)
	m.work.alloc()
	team := team.New(workers)
	defer team.Close()
	out := c.result(t)
	for range 2 {
		require.NoError(t, step.run(team, c.in, out), c)
	}
	return out[0].Data
}

func TestImageStepsInFloat64EqualTheInterpreter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 64))
	for range 60 {
		for _, c := range drawImages(r) {
			want := c.result(t)
			require.NoError(t, interp.Exec(c.prim, c.in, want))
			for _, isa := range kernel.Supported() {
				got := c.run(t, isa, 1)
				for i, v := range want[0].Data {
					if d := math.Abs(v - got[i]); !(d <= 1e-11*(1+math.Abs(v))) {
						require.Fail(t, "differ", "%v, %s: element %d: want %v, got %v", c, isa, i, v, got[i])
					}
				}
				require.Equal(t, got, c.run(t, isa, 3), "%v, %s: three threads", c, isa)
			}
		}
	}
}
