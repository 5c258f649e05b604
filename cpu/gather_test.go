package cpu

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// TestGatherAndScatterInSeveralParts compares steps of several parts with the
// interpreter.
func TestGatherAndScatterInSeveralParts(t *testing.T) {
	f := lower.NewFunc(lower.Shape{3, 700, 40}, lower.Shape{3, 500, 40}, lower.Shape{500}, lower.Shape{2000})
	transposed, small := f.Transpose(f.In(0), 0, 2, 1), f.Transpose(f.In(1), 1, 0, 2)
	f.Return(
		f.Apply(lower.Gather{Axis: 1}, f.In(0), f.In(2))[0],
		f.Apply(lower.Gather{Axis: 2}, transposed, f.In(2))[0],
		f.Apply(lower.ScatterAdd{Axis: 1, Extent: 700}, f.In(1), f.In(2))[0],
		f.Apply(lower.ScatterAdd{Axis: 0, Extent: 700}, small, f.In(2))[0],
		f.Sum(f.Reshape(f.Apply(lower.Gather{}, f.Reshape(f.In(0), 700, 120), f.In(3))[0], 100, 20, 120), 1),
	)
	r := rand.New(rand.NewPCG(1, 2))
	var in []lower.Array[float32]
	for i := range f.Inputs() {
		in = append(in, lower.NewArray[float32](f.Shape(lower.Value(i))))
		for k := range in[i].Data {
			in[i].Data[k] = float32(r.IntN(1000)) // sums are exact
		}
	}
	for _, at := range in[2:] {
		for k := range at.Data {
			at.Data[k] = float32(r.IntN(702) - 1) // some name no row
		}
	}
	want, err := interp.Run(f, in...)
	require.NoError(t, err)
	p, err := plan.OfFunc(f, graph.Float32, plan.Target{GatherSums: true})
	require.NoError(t, err)
	workers := team.New(2)
	defer workers.Close()
	isa, err := Config{}.isa()
	require.NoError(t, err)
	got := runPlan(t, p, workers, isa, in)
	for i := range want {
		for k, v := range want[i].Data {
			if v == v {
				require.Equal(t, v, got[i].Elements()[k], "result %d, element %d", i, k)
			} else {
				require.NotEqual(t, got[i].Elements()[k], got[i].Elements()[k], "result %d, element %d is NaN", i, k)
			}
		}
	}
}
