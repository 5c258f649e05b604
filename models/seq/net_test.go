package seq_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/seq"
)

// configs are small nets that together have every setting.
func configs() []seq.Config {
	return []seq.Config{
		{Steps: 4, Features: 3, Hidden: []int{6, 5}, Code: 2, CodeActivation: "tanh", Loss: graph.MSE},
		{Steps: 4, Features: 3, Hidden: []int{6, 5}, Code: 2, Cell: seq.GRU, Bidirectional: true},
		{Steps: 4, Features: 3, Hidden: []int{6}, Code: 2, Cell: seq.RNN, Attention: true, Loss: graph.MSE},
		{Steps: 5, Features: 2, Hidden: []int{6, 5}, Code: 2, Dropout: 0.2, TeacherForcing: true, WordDropout: 0.3, Loss: graph.MSE},
		{Steps: 5, Features: 2, Hidden: []int{6}, Code: 2, Cell: seq.GRU, Bidirectional: true, Attention: true, TeacherForcing: true, Lengths: true},
		{Steps: 5, Vocabulary: 6, Embedding: 4, Hidden: []int{7}, Code: 3, Cell: seq.GRU},
		{Steps: 5, Vocabulary: 6, Embedding: 4, Hidden: []int{7, 6}, Code: 3, TeacherForcing: true, WordDropout: 0.3, Lengths: true},
		{Steps: 1, Vocabulary: 3, Embedding: 1, Hidden: []int{3}, Code: 1, TeacherForcing: true, Bidirectional: true, Lengths: true},
	}
}

// variational are small variational nets.
func variational() []seq.VAE {
	nets := []seq.VAE{{FreeBits: 0.1}}
	nets[0].Config = seq.Config{Steps: 4, Features: 3, Hidden: []int{6}, Code: 2, Loss: graph.MSE}
	for _, c := range configs() {
		if c.CodeActivation == "" {
			nets = append(nets, seq.VAE{Config: c, Beta: new(0.5)})
		}
	}
	return nets
}

func TestItIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t, append(configs(), seq.Config{})...)
	modeltest.Autoencoder(t, variational()...)
}

func TestTheScoreOfASampleEqualsItsLoss(t *testing.T) {
	for _, c := range configs() {
		if c.Steps > 1 { // sequences of one token can have equal scores
			modeltest.ScoreIsTheLoss(t, c)
		}
	}
}
