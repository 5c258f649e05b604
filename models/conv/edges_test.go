package conv_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/conv"
)

func TestNoArgumentMakesTheModelPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		return []any{
			conv.Config{}, conv.Config{Size: graph.Pair{1 << 40}, Channels: -1}, conv.Config{Encoder: []int{}}, conv.Config{Encoder: []int{1 << 40}, Decoder: []int{0}}, conv.Config{Kernel: graph.Pair{-1, 1 << 40}},
			conv.Config{Factor: graph.Pair{1 << 40}}, conv.Config{Strided: true, Factor: graph.Pair{-1}}, conv.Config{Strided: true},
			conv.Config{Code: 1 << 40}, conv.Config{Steps: 1 << 40}, conv.Config{Steps: -1, Code: 3}, conv.Config{Tied: true, Encoder: []int{}}, conv.Config{Tied: true, Code: 4, Residual: 1, Norm: conv.GroupNorm},
			conv.Config{Down: "a", Up: "a", Norm: "a", Groups: -1}, graph.Corruption{}, graph.Corruption{Kind: graph.AddedNoise, Level: .1, Clip: true}, graph.Corruption{Kind: graph.SaltAndPepper, Level: .1}, graph.Corruption{Kind: graph.Masking, Level: -1}, graph.Masking, conv.Max, conv.Nearest, conv.BatchNorm,
			conv.Inpainting{}, conv.Inpainting{Config: conv.Config{Tied: true}}, conv.Inpainting{Config: conv.Config{Steps: 9, Code: 4}},
			conv.Masked{}, conv.Masked{Size: graph.Pair{1 << 40}, Patch: graph.Pair{-1}}, conv.Masked{Size: graph.Pair{1 << 40}}, conv.Masked{Heads: -1, Channels: -1}, conv.Masked{Patch: graph.Pair{1 << 40}, MaskRatio: 2},
		}, nil, []any{b, b.Input("x", 2, 784), b.Input("image", 2, 1, 28, 28), b.Input("series", 2, 28, 28), b.Input("z", 2, 32), b.Scalar("s", 1)}
	})
}
