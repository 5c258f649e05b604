package optim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// flattened takes a step with weights of the shape, whose gradients are a wave, and
// returns the weights.
func flattened(t *testing.T, name string, shape ...int) []float64 {
	t.Helper()
	n := graph.Shape(shape).Size()
	p := graph.NewParams(graph.Float64, 1)
	m := compiled(t, backends[name], p, func(b *graph.Builder) {
		w := b.Param("w", nil, shape...)
		optim.Minimize(b, optim.Muon{Rate: new(1.0)}, graph.Task{Name: "loss", Loss: b.Sum(b.Mul(w, b.Constant(wave(n, 0.7, 0.2), shape...)))})
	})
	require.NoError(t, vm.Run(m))
	return p.Get("w").Floats()
}

func TestMuonFlattensFilters(t *testing.T) {
	for name := range backends {
		filters, matrix := flattened(t, name, 4, 3, 3, 3), flattened(t, name, 4, 27)
		scale := 27.0 / 4 // a matrix [in, out] of this shape has more outs than ins
		for i := range matrix {
			require.InDelta(t, matrix[i]*matrix[i]/scale, filters[i]*filters[i], 1e-12, name)
		}
	}
}

// Of a product of a matrix with itself, transposed, the diagonal has the sums of the
// squares of rows. For a matrix with equal singular values s, all are s^2.
func TestMuonBringsSingularValuesCloseToOne(t *testing.T) {
	for name := range backends {
		for _, shape := range [][]int{{4, 2}, {2, 2}} {
			w := flattened(t, name, shape...)
			rows, cols := shape[0], shape[1]
			for j := range cols {
				sum := 0.0
				for i := range rows {
					sum += w[i*cols+j] * w[i*cols+j]
				}
				require.Greater(t, sum, 0.2, "%s %v column %d", name, shape, j)
				require.Less(t, sum, 1.5, "%s %v column %d", name, shape, j)
			}
		}
	}
}

func TestAZeroGradientDoesNotMoveMatrices(t *testing.T) {
	for name, backend := range backends {
		p := graph.NewParams(graph.Float32, 1)
		m := compiled(t, backend, p, func(b *graph.Builder) {
			w := b.Param("w", graph.Constant(2), 3, 2)
			optim.Minimize(b, optim.Muon{WeightDecay: new(0.0)}, graph.Task{Name: "loss", Loss: b.Sum(b.Square(b.AddConst(w, -2)))})
		})
		require.NoError(t, vm.Run(m))
		require.Equal(t, []float64{2, 2, 2, 2, 2, 2}, p.Get("w").Floats(), name)
	}
}
