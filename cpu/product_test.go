package cpu

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

func TestAProductThatIsAResultIsComputedInItsOwnMemory(t *testing.T) {
	const m, k, n = 70, 40, 50
	g := gorgonia.NewGraph()
	matrix := func(name string, rows, columns int) *graph.Node {
		x := make([]float32, rows*columns)
		for i := range x {
			x[i] = float32(i%13)/13 - 0.5
		}
		return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName(name), gorgonia.WithShape(rows, columns),
			gorgonia.WithValue(tensor.New(tensor.WithShape(rows, columns), tensor.WithBacking(x))))
	}
	a, b := matrix("a", m, k), matrix("b", k, n)
	product := gorgonia.Must(gorgonia.Mul(a, b))
	y := gorgonia.Must(gorgonia.Tanh(product))
	vm := New(g)
	defer vm.Close()
	require.NoError(t, vm.RunAll())

	direct := 0
	for _, s := range vm.(*compiled.Machine).Engine().(*runner[float32]).steps {
		if p, ok := s.(*productStep[float32]); ok && p.direct >= 0 {
			direct++
		}
	}
	require.Equal(t, 1, direct)
	x, w := a.Value().Data().([]float32), b.Value().Data().([]float32)
	products, err := value.Of(product)
	require.NoError(t, err)
	tanhs, err := value.Of(y)
	require.NoError(t, err)
	for i := range m {
		for j := range n {
			want := 0.0
			for p := range k {
				want += float64(x[i*k+p]) * float64(w[p*n+j])
			}
			require.InDelta(t, want, products[i*n+j], 1e-5)
			require.InDelta(t, math.Tanh(want), tanhs[i*n+j], 1e-5)
		}
	}
}

// TestAProductPlusItselfIsTwiceTheProduct: a sum after a product is a bias only if
// it is of something else.
func TestAProductPlusItselfIsTwiceTheProduct(t *testing.T) {
	for _, c := range []struct {
		expr lower.Expr
		bias int
		ok   bool
	}{
		{lower.Arg(0).Add(lower.Arg(1)), 1, true},
		{lower.Arg(1).Add(lower.Arg(0)), 0, false},
		{lower.Arg(0).Add(lower.Arg(0)), 0, false},
	} {
		wide := plan.Layout{Shape: lower.Shape{6, 4}, Strides: []int{0, 1}}
		bias, relu, ok := biasAndReLU(plan.Loop{Results: []plan.LoopResult{{Expr: c.expr}}}, []plan.Layout{wide, wide})
		require.Equal(t, c.ok, ok, "%v", c.expr)
		require.False(t, relu)
		if ok {
			require.Equal(t, c.bias, bias)
		}
	}
}
