package zoo

import (
	"github.com/stheno-ml/stheno/graph"
	models "github.com/stheno-ml/stheno/models/conv"
)

// conv are the convolutional autoencoders.
func conv() []Entry {
	odd, narrow := graph.Pair{9, 10}, []int{4, 3}
	return []Entry{
		{Name: "conv", Model: models.Config{Size: odd, Encoder: narrow}},
		{Name: "conv-strided", Model: models.Config{Size: odd, Encoder: narrow, Strided: true}},
		{Name: "conv-colour", Model: models.Config{Size: graph.Pair{7, 5}, Channels: 3, Encoder: []int{8, 8}, Down: models.Average, Up: models.Bilinear, ShrinkLast: true}},
		{Name: "conv-tied", Model: models.Config{Size: odd, Encoder: narrow, Code: 5, Tied: true, Strided: true, Activation: "tanh"}},
		{Name: "conv-residual", Model: models.Config{Size: graph.Pair{6, 5}, Encoder: []int{4, 2}, Residual: 1, Norm: models.BatchNorm, Up: models.Transpose}},
		{Name: "conv-groups", Model: models.Config{Size: graph.Pair{6, 5}, Encoder: []int{4, 2}, Norm: models.GroupNorm, Groups: 2, Loss: graph.MSE}},
		{Name: "conv-separable", Model: models.Config{Size: graph.Pair{6, 5}, Encoder: []int{8, 6}, Separable: true}},
		{Name: "conv-series", Model: models.Config{Steps: 13, Channels: 2, Encoder: narrow, Kernel: graph.Pair{5}, Down: models.Stride, Code: 6, Activation: "elu"}},
		{Name: "conv-denoising", Model: models.Config{Size: odd, Encoder: []int{8, 6}, Noise: graph.Corruption{Kind: graph.AddedNoise, Level: .2, Clip: true}}},
		{Name: "conv-restoration", Model: models.Denoising{Config: models.Config{Size: odd, Encoder: []int{8, 6}}}},
		{Name: "inpainting", Model: models.Inpainting{Config: models.Config{Size: odd, Encoder: []int{8, 6}}}},
		{Name: "masked", Model: models.Masked{Size: graph.Pair{6, 5}, Channels: 2, Patch: graph.Pair{2}, MaskRatio: .5, Width: 8, Depth: 1, Heads: 2, DecoderWidth: 6, DecoderDepth: 1}, Least: .8},
	}
}
