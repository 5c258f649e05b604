package conv_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

func TestItIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		conv.Config{},
		conv.Config{Size: graph.Pair{7, 5}, Channels: 2, Encoder: []int{3, 2}, Decoder: []int{2, 4}, Kernel: graph.Pair{3, 5},
			Factor: graph.Pair{2, 3}, Strided: true, Activation: "elu", CodeActivation: "tanh", Loss: graph.MSE})
}

func TestTheScoreOfASampleEqualsItsLoss(t *testing.T) {
	modeltest.ScoreIsTheLoss(t,
		conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}},
		conv.Config{Size: graph.Pair{5, 6}, Encoder: []int{3, 2}, Loss: graph.MSE})
}
