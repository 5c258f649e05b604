package seq_test

import (
	"math"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/seq"
)

func TestNoArgumentMakesTheModelPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		return []any{
			seq.Config{}, seq.Config{Steps: -1}, seq.Config{Features: 1 << 40}, seq.Config{Hidden: []int{}}, seq.Config{Hidden: []int{0, 1 << 40}}, seq.Config{Code: -1}, seq.Config{Code: 1 << 40},
			seq.Config{Steps: 3, Vocabulary: 4, TeacherForcing: true, Lengths: true, Attention: true}, seq.Config{Steps: 1 << 40, TeacherForcing: true, Vocabulary: 3},
			seq.Config{Vocabulary: 1 << 40}, seq.VAE{}, seq.VAE{Beta: new(math.NaN())}, seq.VAE{FreeBits: -1}, seq.Cell("x"), seq.GRU,
		}, nil, []any{b, b.Input("x", 2, 784), b.Input("image", 2, 1, 28, 28), b.Input("series", 2, 28, 28), b.Input("z", 2, 32), b.Scalar("s", 1)}
	})
}
