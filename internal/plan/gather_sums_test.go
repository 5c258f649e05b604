package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

func TestRowsAreAddedUpAsTheyAreGathered(t *testing.T) {
	gathered := func(f *lower.Func) lower.Value { return f.Apply(lower.Gather{}, f.In(0), f.In(1))[0] }
	for _, c := range []struct {
		name string
		sum  func(f *lower.Func) []lower.Value
		want string // the first step
	}{
		{"bags", func(f *lower.Func) []lower.Value {
			return []lower.Value{f.Sum(f.Reshape(gathered(f), 4, 3, 5, 2), 1)}
		}, "gather sums of 3"},
		{"two axes, and one of extent 1", func(f *lower.Func) []lower.Value {
			return []lower.Value{f.Sum(f.Reshape(gathered(f), 2, 2, 1, 3, 10), 1, 3)}
		}, "gather sums of 6"},
		{"all rows", func(f *lower.Func) []lower.Value { return []lower.Value{f.Sum(gathered(f), 0)} }, "gather sums of 12"},
		{"elements of rows", func(f *lower.Func) []lower.Value {
			return []lower.Value{f.Sum(f.Reshape(gathered(f), 4, 3, 10), 1, 2)}
		}, "gather[axis 0]"},
		{"rows that are far apart", func(f *lower.Func) []lower.Value {
			return []lower.Value{f.Sum(f.Reshape(gathered(f), 4, 3, 10), 0)}
		}, "gather[axis 0]"},
		{"another axis", func(f *lower.Func) []lower.Value {
			return []lower.Value{f.Sum(f.Apply(lower.Gather{Axis: 1}, f.In(0), f.In(1))[0], 1)}
		}, "gather[axis 1]"},
		{"another reader", func(f *lower.Func) []lower.Value {
			x := f.Reshape(gathered(f), 4, 3, 10)
			return []lower.Value{f.Sum(x, 1), f.Map(lower.Exp(lower.Arg(0)), x)}
		}, "gather[axis 0]"},
		{"a result", func(f *lower.Func) []lower.Value {
			x := gathered(f)
			return []lower.Value{f.Sum(f.Reshape(x, 4, 3, 10), 1), x}
		}, "gather[axis 0]"},
		{"a maximum", func(f *lower.Func) []lower.Value {
			return f.Apply(lower.Reduce{Kind: lower.ReduceMax, Axes: []int{1}}, f.Reshape(gathered(f), 4, 3, 10))
		}, "gather[axis 0]"},
		{"a transposed table", func(f *lower.Func) []lower.Value {
			x := f.Apply(lower.Gather{}, f.Transpose(f.In(0), 1, 0, 2), f.In(1))[0]
			return []lower.Value{f.Sum(f.Reshape(x, 4, 3, 14), 1)}
		}, "gather[axis 0]"},
	} {
		f := lower.NewFunc(lower.Shape{7, 5, 2}, lower.Shape{12})
		f.Return(c.sum(f)...)
		require.NoError(t, f.Err(), c.name)
		for _, target := range []Target{{}, {GatherSums: true}} {
			p, err := OfFunc(f, graph.Float32, target)
			require.NoError(t, err, c.name)
			want := c.want
			if !target.GatherSums && want[:8] == "gather s" {
				want = "gather[axis 0]"
			}
			require.Equal(t, want, p.Steps[0].Prim.String(), c.name)
			for i, v := range p.Func.Results() {
				require.Equal(t, f.Shape(f.Results()[i]), p.Func.Shape(v), c.name)
			}
		}
	}
}

func TestGatherSumsTakeWholeNumbersOfRows(t *testing.T) {
	in := []lower.Shape{{7, 5}, {12}}
	out, err := GatherSum{4}.Infer(in)
	require.NoError(t, err)
	require.Equal(t, []lower.Shape{{3, 5}}, out)
	for _, count := range []int{-1, 0, 5, 24} {
		_, err := GatherSum{count}.Infer(in)
		require.Error(t, err, "%d", count)
	}
}
