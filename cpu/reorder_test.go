package cpu

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// strided are layouts as programs have them: transposed, sliced, reversed, broadcast.
var strided = []plan.Layout{
	{Shape: lower.Shape{}, Strides: []int{}, Off: 3},
	{Shape: lower.Shape{1, 1}, Strides: []int{7, 9}},
	{Shape: lower.Shape{7, 5}, Strides: []int{5, 1}},
	{Shape: lower.Shape{40, 33}, Strides: []int{1, 40}},
	{Shape: lower.Shape{700, 300}, Strides: []int{1, 701}, Off: 2},
	{Shape: lower.Shape{3, 70000}, Strides: []int{1, 3}},
	{Shape: lower.Shape{70000, 3}, Strides: []int{1, 70000}},
	{Shape: lower.Shape{9, 40000}, Strides: []int{40001, 1}},
	{Shape: lower.Shape{2, 28, 28, 32}, Strides: []int{25088, 28, 1, 784}},
	{Shape: lower.Shape{2, 3, 5, 5}, Strides: []int{75, 25, -5, -1}, Off: 24},
	{Shape: lower.Shape{4, 5, 6}, Strides: []int{0, 2, 0}},
	{Shape: lower.Shape{10, 6, 4}, Strides: []int{48, 8, 2}, Off: 1},
	{Shape: lower.Shape{2, 1, 2, 3, 2, 2, 1, 2, 2, 2, 2, 2, 3}, Strides: []int{2, 9, 4, 8, 24, 48, 7, 96, 192, 384, 768, 1536, 3072}},
}

func TestReorderCopiesLikeCopyRange(t *testing.T) {
	t.Run("float32", testReorder[float32])
	t.Run("float64", testReorder[float64])
}

func testReorder[T lower.Float](t *testing.T) {
	workers := team.New(3)
	defer workers.Close()
	for _, from := range strided {
		most := from.Off
		for i, n := range from.Shape {
			most += max(0, (n-1)*from.Strides[i])
		}
		src := lower.Array[T]{Shape: from.Shape, Strides: from.Strides, Off: from.Off, Data: make([]T, most+1)}
		for i := range src.Data {
			src.Data[i] = T(i)
		}
		n := from.Shape.Size()
		want := make([]T, n)
		src.CopyRange(want, 0)
		for _, isa := range kernel.Supported() {
			out := make([]T, n+2)
			to := plan.Layout{Shape: from.Shape, Strides: from.Shape.Strides(), Off: 1}
			s := newReorderStep(false, newReorder[T](isa, from, to))
			require.NoError(t, s.run(workers, []lower.Array[T]{src}, []lower.Array[T]{{Shape: from.Shape, Off: 1, Data: out}}))
			require.Equal(t, want, out[1:n+1], fmt.Sprint(isa, from.Shape, from.Strides))
			require.Equal(t, []T{0, 0}, []T{out[0], out[n+1]}, fmt.Sprint(isa, from.Shape, from.Strides))
		}
	}
}
