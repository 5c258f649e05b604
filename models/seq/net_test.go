package seq_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/seq"
)

func TestItIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		seq.Config{},
		seq.Config{Steps: 4, Features: 3, Hidden: []int{6, 5}, Code: 2, CodeActivation: "tanh", Loss: graph.MSE})
}

func TestTheScoreOfASampleEqualsItsLoss(t *testing.T) {
	modeltest.ScoreIsTheLoss(t,
		seq.Config{Steps: 4, Features: 3, Hidden: []int{6, 5}, Code: 2},
		seq.Config{Steps: 4, Features: 3, Hidden: []int{6}, Code: 2, Loss: graph.MSE})
}
