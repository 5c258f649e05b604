package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

func TestProductsAreStoredAsTheyAreTransposed(t *testing.T) {
	for _, c := range []struct {
		name string
		read func(f *lower.Func, c lower.Value) []lower.Value
		want string // the product; "" for a plain one with operands that are not exchanged
	}{
		{"heads", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(c, 0, 2, 1, 3)}
		}, "matmul[axes to [0 2 1 3]]"},
		{"a cycle of three axes", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(c, 1, 2, 0, 3)}
		}, "matmul[axes to [2 0 1 3]]"},
		{"matrices, then heads", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(f.Transpose(c, 0, 1, 3, 2), 0, 2, 1, 3)}
		}, "matmul[axes to [0 2 1 3]]"},
		{"two readers in one order", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(c, 0, 2, 1, 3), f.Reshape(f.Transpose(c, 0, 2, 1, 3), 2, 5, 18)}
		}, "matmul[axes to [0 2 1 3]]"},
		{"two readers in two orders", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(c, 0, 2, 1, 3), f.Transpose(c, 1, 0, 2, 3)}
		}, "matmul"},
		{"a result", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{c, f.Transpose(c, 0, 2, 1, 3)}
		}, "matmul"},
		{"a reader of its elements", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Apply(lower.Softmax{Axis: 3}, c)[0], f.Transpose(c, 0, 2, 1, 3)}
		}, "matmul"},
		{"a last axis from before the matrices", func(f *lower.Func, c lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(c, 2, 3, 0, 1)}
		}, "matmul"},
	} {
		f := lower.NewFunc(lower.Shape{2, 3, 5, 4}, lower.Shape{2, 3, 4, 6})
		f.Return(c.read(f, f.MatMul(f.In(0), f.In(1)))...)
		require.NoError(t, f.Err(), c.name)
		for _, target := range []Target{{}, {Batched: true}} {
			p, err := OfFunc(f, graph.Float32, target)
			require.NoError(t, err, c.name)
			want := c.want
			if !target.Batched {
				want = "matmul"
			}
			require.Equal(t, want, p.Steps[0].Prim.String(), c.name)
			for i, v := range p.Func.Results() {
				require.Equal(t, f.Shape(f.Results()[i]), p.Func.Shape(v), c.name)
			}
		}
	}
}

func TestPlacesOfAProductAreAnOrderOfItsAxes(t *testing.T) {
	in := []lower.Shape{{2, 3, 4}, {2, 4, 5}}
	out, err := PlacedMatMul{[]int{1, 0, 2}}.Infer(in)
	require.NoError(t, err)
	require.Equal(t, []lower.Shape{{3, 2, 5}}, out)
	for _, place := range [][]int{nil, {0, 1}, {0, 2, 1}, {0, 0, 2}, {-1, 0, 2}, {3, 0, 2}} {
		_, err := PlacedMatMul{place}.Infer(in)
		require.Error(t, err, "%v", place)
	}
}
