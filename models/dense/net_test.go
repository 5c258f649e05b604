package dense_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestItIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		dense.Config{},
		dense.Config{Input: 6, Hidden: []int{4, 2}, Tied: true, Activation: "tanh", CodeActivation: "linear", Loss: graph.MSE},
		dense.Config{Input: 6, Hidden: []int{4, 2}, Decoder: []int{}, BatchNorm: true, Dropout: 0.5, OutputActivation: "sigmoid", Loss: graph.MSE},
		dense.Config{Input: 6, Hidden: []int{9}, Overcomplete: true, Noise: graph.Corruption{Kind: graph.SaltAndPepper, Level: 0.3}, Emphasis: &dense.Emphasis{Corrupted: 1}},
		dense.Config{Input: 6, Hidden: []int{9}, Sparsity: dense.Sparsity{L1: new(0.0), K: 2, EvalK: 5}, CodeActivation: "linear"},
		dense.Config{Input: 6, Hidden: []int{4, 3}, Sparsity: dense.Sparsity{KL: new(0.1), Rate: 0.2}, CodeActivation: "sigmoid"},
		dense.Config{Input: 6, Hidden: []int{4, 3}, Contraction: dense.Contraction{Weight: new(0.1), Probes: 2}, Loss: graph.MSE})
	modeltest.Autoencoder(t, dense.Config{Input: 6, Hidden: []int{5, 4, 3}, Activation: "sigmoid", Noise: graph.Corruption{Kind: graph.Masking, Level: 0.3}}.Pretraining()...)
	modeltest.Autoencoder(t, dense.Config{Input: 6, Hidden: []int{5, 3}, Tied: true, Sparsity: dense.Sparsity{L1: new(0.1), K: 2}, Contraction: dense.Contraction{Weight: new(0.1)}}.Pretraining()...)
}

func TestTheScoreOfASampleEqualsItsLoss(t *testing.T) {
	modeltest.ScoreIsTheLoss(t,
		dense.Config{Input: 6, Hidden: []int{4, 2}},
		dense.Config{Input: 6, Hidden: []int{4, 2}, Loss: graph.MSE})
}
