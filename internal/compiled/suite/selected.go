package suite

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// The gradient of an operand that is not selected is 0, even if the incoming gradient
// is infinite: it is not 0 times infinity.

// selections are functions f of x. Most select between x and a constant, and log f has
// an infinite gradient where they do not select x.
var selections = []struct {
	name string
	f    func(b *graph.Builder, x *graph.Node) *graph.Node
	x    []float64
	want []float64 // of sum log f
}{
	{"relu", (*graph.Builder).Relu, []float64{-1, 0, 2}, []float64{0, 0, 0.5}},
	{"clip", of(lower.Min(lower.Max(lower.Arg(0), lower.Num(0)), lower.Num(4))), []float64{-1, 2, 5}, []float64{0, 0.5, 0}},
	{"clip from above", of(lower.Max(lower.Min(lower.Num(0), lower.Arg(0)), lower.Num(-4)).Neg()), []float64{1, -2, -5}, []float64{0, -0.5, 0}},
	{"absolute value", of(lower.Abs(lower.Arg(0))), []float64{-2, 0, 4}, []float64{-0.5, 0, 0.25}},
	{"where", of(lower.Where(lower.Num(0).Less(lower.Arg(0)), lower.Arg(0), lower.Num(0))), []float64{-1, 0, 2}, []float64{0, 0, 0.5}},
	{"sum of two", of(lower.Max(lower.Arg(0), lower.Num(0)).Add(lower.Max(lower.Arg(0).Neg(), lower.Num(0)))), []float64{-4, 0, 2}, []float64{-0.25, 0, 0.5}},
	{"maximum of a square root", of(lower.Max(lower.Sqrt(lower.Arg(0)), lower.Num(1))), []float64{0, 0.25, 4}, []float64{0, 0, 0.125}},
	{"maximum of an axis", func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Max(x) }, []float64{-1, -2, 0}, []float64{0, 0, math.Inf(1)}},
	{"power 0", of(lower.Exp(lower.Pow(lower.Arg(0), lower.Num(0)))), []float64{-1, 0, 2}, []float64{0, 0, 0}},
	{"power 1", of(lower.Exp(lower.Pow(lower.Arg(0), lower.Num(1)))), []float64{-1, 0, 2}, []float64{1, 1, 1}},
	{"power 2", of(lower.Exp(lower.Pow(lower.Arg(0), lower.Num(2)))), []float64{-1, 0, 2}, []float64{-2, 0, 4}},
	{"power of each element", func(b *graph.Builder, x *graph.Node) *graph.Node {
		return b.Exp(b.Map(lower.Pow(lower.Arg(0), lower.Arg(1)), b.Scale(x, 0), x))
	}, []float64{0, 1, 2}, []float64{0, 0, 0}},
}

func of(e lower.Expr) func(b *graph.Builder, x *graph.Node) *graph.Node {
	return func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Map(e, x) }
}

func (on Machine) aGradientThatIsNotSelectedIsZero(t *testing.T) {
	for _, s := range selections {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			for machine, backend := range map[string]vm.Backend{"tape": tape.Config{}, "ours": on} {
				b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
				x := b.Input("x", len(s.x))
				g := b.Grad(b.Sum(b.Log(s.f(b, x))), x)[0]
				require.NoError(t, b.Err(), s.name)
				m := MachineOf(t, backend, b, map[string][]float64{"x": s.x}, g)
				got := Outputs(t, m)[0]
				optest.RequireClose(t, s.name+" on "+machine+" in "+dtype.String(), s.want, got, 1e-6)
				require.NoError(t, m.Close())
			}
		}
	}
}

// Images use other kernels, in which a ReLU's gradient is fused with its neighbours.
func (on Machine) imagesHaveSelectedGradientsToo(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		x := b.Input("x", 32, 1, 4, 4)
		w := b.Input("w", 1, 1, 1, 1)
		y := b.Relu(b.Conv2D(x, w, graph.ConvGeometry{}))
		g := b.Grad(b.Sum(b.Log(y)), x)[0]
		require.NoError(t, b.Err())
		v, want := make([]float64, 32*16), make([]float64, 32*16)
		for i := range v {
			if v[i] = float64(i%5 - 2); v[i] > 0 {
				want[i] = 1 / v[i]
			}
		}
		m := MachineOf(t, on, b, map[string][]float64{"x": v, "w": {1}}, g)
		require.InDeltaSlice(t, want, Outputs(t, m)[0], 1e-6)
		require.NoError(t, m.Close())
	}
}
