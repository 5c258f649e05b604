package conv_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

// variants has every setting.
var variants = []conv.Config{
	{},
	{Size: graph.Pair{7, 5}, Channels: 2, Encoder: []int{3, 2}, Decoder: []int{2, 4}, Kernel: graph.Pair{3, 5},
		Factor: graph.Pair{2, 3}, Strided: true, Activation: "elu", CodeActivation: "tanh", Loss: graph.MSE},
	{Size: graph.Pair{7, 6}, Channels: 3, Encoder: []int{3, 2}, Down: conv.Average, Up: conv.Bilinear, ShrinkLast: true},
	{Size: graph.Pair{7, 6}, Encoder: []int{3, 2}, Code: 4, CodeActivation: "linear", Down: conv.Stride, ShrinkLast: true},
	{Size: graph.Pair{7, 6}, Encoder: []int{3, 2}, Up: conv.Transpose, ShrinkLast: true, Residual: 2, Norm: conv.BatchNorm},
	{Size: graph.Pair{7, 6}, Encoder: []int{4, 6}, Code: 3, Norm: conv.GroupNorm, Groups: 2, Residual: 1, Loss: graph.MSE},
	{Size: graph.Pair{7, 6}, Encoder: []int{12, 3}, Norm: conv.GroupNorm, Strided: true},
	{Size: graph.Pair{7, 6}, Encoder: []int{4, 3}, Separable: true, Down: conv.Stride, Residual: 1, Norm: conv.BatchNorm},
	{Size: graph.Pair{7, 6}, Encoder: []int{3, 2}, Code: 4, Tied: true, Norm: conv.BatchNorm, ShrinkLast: true},
	{Size: graph.Pair{7, 6}, Encoder: []int{3, 2}, Tied: true, Strided: true, Residual: 1},
	{Steps: 11, Channels: 2, Encoder: []int{3, 2}, Kernel: graph.Pair{5}, Factor: graph.Pair{3}, Loss: graph.MSE},
	{Steps: 11, Encoder: []int{3, 2}, Code: 4, Strided: true, Tied: true},
	{Steps: 11, Encoder: []int{3, 2}, Up: conv.Bilinear, Noise: graph.Corruption{Kind: graph.SaltAndPepper, Level: .2}},
}

func TestItIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t, variants...)
	modeltest.Autoencoder(t,
		conv.Inpainting{Config: conv.Config{Size: graph.Pair{7, 5}, Channels: 2, Encoder: []int{3, 2}}},
		conv.Inpainting{Config: conv.Config{Steps: 9, Encoder: []int{3, 2}, Code: 5, Loss: graph.MSE}})
	modeltest.Autoencoder(t, masked,
		conv.Masked{Size: graph.Pair{5, 7}, Patch: graph.Pair{2, 3}, MaskRatio: .5, Width: 6, Depth: 1, Heads: 1, DecoderWidth: 5, Loss: graph.BCE})
}

func TestTheScoreOfASampleEqualsItsLoss(t *testing.T) {
	modeltest.ScoreIsTheLoss(t,
		conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}},
		conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}, Loss: graph.MSE},
		conv.Config{Steps: 7, Channels: 2, Encoder: []int{3, 2}},
		conv.Inpainting{Config: conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}}},
		conv.Inpainting{Config: conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}, Loss: graph.MSE}},
		masked)
}
