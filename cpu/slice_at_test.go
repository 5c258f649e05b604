package cpu

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

func TestADynamicSliceIsPlannedAtMostTwice(t *testing.T) {
	p := suite.NewRecurrent(tensor.Float32, 9, 3, 4, 5, 6)
	_, err := gorgonia.Grad(p.Cost, p.Learn...)
	require.NoError(t, err)
	m := New(p.Graph).(*compiled.Machine)
	defer m.Close()
	plans := map[*plan.Plan]bool{}
	for i := range 20 {
		require.NoError(t, p.Move(i))
		require.NoError(t, m.RunAll())
		plans[m.Plan()] = true
		m.Reset()
	}
	require.LessOrEqual(t, len(plans), 2)
}

// TestDynamicSlicesInSeveralParts compares steps of several parts with the
// interpreter.
func TestDynamicSlicesInSeveralParts(t *testing.T) {
	f := lower.NewFunc(lower.Shape{30, 70, 40}, lower.Shape{30, 30, 40}, lower.Shape{4})
	transposed, small := f.Transpose(f.In(0), 0, 2, 1), f.Transpose(f.In(1), 1, 0, 2)
	f.Return(
		f.Apply(lower.SliceAt{Axis: 1, Count: 30}, f.In(0), f.In(2))[0],
		f.Apply(lower.SliceAt{Axis: 2, Count: 30}, transposed, f.In(2))[0],
		f.Apply(lower.PlaceAt{Axis: 1, Extent: 70}, f.In(1), f.In(2))[0],
		f.Apply(lower.PlaceAt{Axis: 0, Extent: 70}, small, f.In(2))[0],
	)
	r := rand.New(rand.NewPCG(1, 2))
	in := []lower.Array[float32]{lower.NewArray[float32](f.Shape(0)), lower.NewArray[float32](f.Shape(1)), lower.NewArray[float32](f.Shape(2))}
	for _, x := range in[:2] {
		for i := range x.Data {
			x.Data[i] = r.Float32()
		}
	}
	p, err := plan.OfFunc(f, graph.Float32, plan.Target{})
	require.NoError(t, err)
	workers := team.New(2)
	defer workers.Close()
	isa, err := Config{}.isa()
	require.NoError(t, err)
	for _, at := range [][2]int{{0, 1}, {17, 1}, {40, 1}, {3, 2}} {
		for k, w := range lower.SliceWords(at[0], at[1]) {
			in[2].Data[k] = float32(w)
		}
		want, err := interp.Run(f, in...)
		require.NoError(t, err)
		got := runPlan(t, p, workers, isa, in)
		for i := range want {
			require.Equal(t, want[i].Data, got[i].Data, "result %d at %v", i, at)
		}
	}
}

// runPlan runs the steps of a function's plan, each value in its own memory, and
// returns the function's results.
func runPlan[T lower.Float](t *testing.T, p *plan.Plan, workers *team.Team, isa kernel.ISA, in []lower.Array[T]) (out []lower.Array[T]) {
	t.Helper()
	maker := newMaker[T](p, workers.Size(), isa)
	values := append([]lower.Array[T](nil), in...)
	for v := len(in); v < len(p.Values); v++ {
		values = append(values, lower.NewArray[T](p.Values[v].Shape))
		for i := range values[v].Data {
			values[v].Data[i] = -1
		}
	}
	for v, l := range p.Values {
		if l.Root != lower.Value(v) {
			values[v] = lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Off: l.Off, Data: values[l.Root].Data}
		}
	}
	for i, s := range p.Steps {
		step, err := maker.step(i)
		require.NoError(t, err)
		maker.work.alloc()
		args := []lower.Array[T]{values[s.In[0]], values[s.In[1]]}
		require.NoError(t, step.run(workers, args, []lower.Array[T]{values[s.Out[0]]}))
	}
	for _, v := range p.Func.Results() {
		out = append(out, values[v])
	}
	return out
}
