package dense_test

import (
	"math"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestNoArgumentMakesTheModelPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		return []any{
			dense.Config{}, dense.Config{Input: -1}, dense.Config{Input: 1 << 40}, dense.Config{Hidden: []int{}}, dense.Config{Hidden: []int{0, 1 << 40}}, dense.Config{Hidden: []int{4}, Tied: true},
			dense.Config{Noise: graph.Corruption{Kind: graph.Masking, Level: math.NaN()}}, dense.Config{Sparsity: dense.Sparsity{K: 4, EvalK: -1}},
			graph.Corruption{}, dense.Sparsity{}, dense.Contraction{Weight: new(math.Inf(1)), Probes: 1 << 40}, dense.Emphasis{},
			dense.Pretrain{}, dense.Pretrain{Layer: -1}, dense.Pretrain{Config: dense.Config{Hidden: []int{}}}, dense.Classifier{}, dense.Classifier{Classes: 1 << 40},
			dense.Clustering{}, dense.Clustering{Clusters: 1 << 40}, dense.Clustering{Config: dense.Config{Hidden: []int{}}}, dense.Clustering{Clusters: -1},
		}, nil, []any{b, b.Input("x", 2, 784), b.Input("image", 2, 1, 28, 28), b.Input("series", 2, 28, 28), b.Input("z", 2, 32), b.Scalar("s", 1)}
	})
}
