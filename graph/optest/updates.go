package optest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Updates checks on a machine that a step reads only old values, and that all updates
// apply after the last read.
func Updates(t *testing.T, on vm.Backend) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		for _, c := range updateCases() {
			t.Run(dtype.String()+"/"+c.name, func(t *testing.T) { c.check(t, on, dtype) })
		}
		t.Run(dtype.String()+"/states without axes", func(t *testing.T) { scalarStates(t, on, dtype) })
	}
}

// updateCase builds a step over the states x, y and z, which start at [1 2], [3 4] and
// [5 6]. It has the values of the outputs and of the states after one run and after
// two.
type updateCase struct {
	name  string
	build func(b *graph.Builder, x, y, z *graph.Node) (outputs []*graph.Node)
	out   [2][][]float64
	after [2][3][]float64
}

func updateCases() []updateCase {
	type B = graph.Builder
	type N = graph.Node
	y, z := []float64{3, 4}, []float64{5, 6} // their initial values
	return []updateCase{
		{
			name: "w becomes w+w and is read elsewhere",
			build: func(b *B, x, _, _ *N) []*N {
				b.Update(x, b.Add(x, x)) // added before the other readers
				return []*N{b.Square(x), b.Scale(x, 0.5), b.Sum(x)}
			},
			out:   [2][][]float64{{{1, 4}, {0.5, 1}, {3}}, {{4, 16}, {1, 2}, {6}}},
			after: [2][3][]float64{{{2, 4}, y, z}, {{4, 8}, y, z}},
		},
		{
			name:  "two states swap",
			build: func(b *B, x, y, _ *N) []*N { b.Update(x, y); b.Update(y, x); return nil },
			after: [2][3][]float64{{{3, 4}, {1, 2}, z}, {{1, 2}, {3, 4}, z}},
		},
		{
			name: "three states rotate through new values",
			build: func(b *B, x, y, z *N) []*N {
				b.Update(x, b.Neg(y))
				b.Update(y, b.Neg(z))
				b.Update(z, b.Neg(x))
				return nil
			},
			after: [2][3][]float64{{{-3, -4}, {-5, -6}, {-1, -2}}, {{5, 6}, {1, 2}, {3, 4}}},
		},
		{
			name: "a chain reads the next value of another",
			build: func(b *B, x, y, z *N) []*N {
				moment := b.Add(x, y)
				b.Update(x, moment)
				b.Update(y, b.Add(y, moment))
				b.Update(z, b.Sub(b.Add(x, moment), z))
				return []*N{moment}
			},
			out:   [2][][]float64{{{4, 6}}, {{11, 16}}},
			after: [2][3][]float64{{{4, 6}, {7, 10}, {0, 2}}, {{11, 16}, {18, 26}, {15, 20}}},
		},
		{
			name: "one value becomes two states",
			build: func(b *B, x, y, z *N) []*N {
				sum := b.Add(x, z)
				b.Update(x, sum)
				b.Update(y, sum)
				return []*N{sum}
			},
			out:   [2][][]float64{{{6, 8}}, {{11, 14}}},
			after: [2][3][]float64{{{6, 8}, {6, 8}, z}, {{11, 14}, {11, 14}, z}},
		},
		{
			name: "through a reshape and a transpose",
			build: func(b *B, x, y, _ *N) []*N {
				column := b.Reshape(x, 2, 1)
				b.Update(x, b.Reshape(b.Transpose(b.Scale(column, 10), 1, 0), 2))
				b.Update(y, b.SliceStep(b.Concat(0, y, x), 0, 0, 4, 2))
				return []*N{column}
			},
			out:   [2][][]float64{{{1, 2}}, {{10, 20}}},
			after: [2][3][]float64{{{10, 20}, {3, 1}, z}, {{100, 200}, {3, 10}, z}},
		},
		{
			name: "a reversed reader of a state that is updated in place",
			build: func(b *B, x, _, _ *N) []*N {
				swapped := b.Concat(0, b.Slice(x, 0, 1, 2), b.Slice(x, 0, 0, 1))
				b.Update(x, b.Add(x, swapped))
				return nil
			},
			after: [2][3][]float64{{{3, 3}, y, z}, {{6, 6}, y, z}},
		},
	}
}

func (c updateCase) check(t *testing.T, on vm.Backend, dtype graph.Dtype) {
	p := graph.NewParams(dtype, 1)
	b := graph.New(p, graph.Config{Training: true})
	state := func(name string, v ...float64) *graph.Node {
		return b.State(name, func(_ graph.Draw, _ graph.Shape, w []float64) error { copy(w, v); return nil }, 2)
	}
	nodes := c.build(b, state("x", 1, 2), state("y", 3, 4), state("z", 5, 6))
	require.NoError(t, b.Err())
	for i, n := range nodes {
		b.Output(fmt.Sprintf("out%d", i), n)
	}
	program, err := b.Program()
	require.NoError(t, err)
	m, err := on.Compile(program)
	require.NoError(t, err)
	defer m.Close()
	for run := range 2 {
		require.NoError(t, vm.Run(m))
		for i := range nodes {
			got, err := m.Floats(fmt.Sprintf("out%d", i))
			require.NoError(t, err)
			require.Equal(t, c.out[run][i], got, "output %d of run %d", i, run+1)
		}
		for i, name := range []string{"x", "y", "z"} {
			require.Equal(t, c.after[run][i], p.Get(name).Floats(), "%s after run %d", name, run+1)
		}
	}
}
