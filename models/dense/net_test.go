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
		dense.Config{Input: 6, Hidden: []int{4, 2}, Tied: true, Activation: "tanh", CodeActivation: "linear", Loss: graph.MSE})
}

func TestTheScoreOfASampleEqualsItsLoss(t *testing.T) {
	modeltest.ScoreIsTheLoss(t,
		dense.Config{Input: 6, Hidden: []int{4, 2}},
		dense.Config{Input: 6, Hidden: []int{4, 2}, Loss: graph.MSE})
}
