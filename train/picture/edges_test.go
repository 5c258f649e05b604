package picture_test

import (
	"math"
	"testing"

	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/train/picture"
)

func TestNoArgumentMakesAPicturePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		nan := float32(math.NaN())
		return nil, map[string]any{"Grid": picture.Grid, "Plane": picture.Plane}, []any{
			[]int{2}, []int{1, 1, 2}, []int{3, 0, 1}, []int{1 << 40, 1 << 40}, []int{1, 1 << 24}, []float32{1, nan}, []float32{float32(math.Inf(1)), -1, 0, 3e38}, [][]float32{{1, 2}, {3}},
		}
	})
}
