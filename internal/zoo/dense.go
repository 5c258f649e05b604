package zoo

import (
	"github.com/stheno-ml/stheno/graph"
	models "github.com/stheno-ml/stheno/models/dense"
)

// dense are the fully connected autoencoders.
func dense() []Entry {
	stacked := models.Config{
		Input: 20, Hidden: []int{12, 8}, Activation: "tanh",
		Noise: graph.Corruption{Kind: graph.Masking, Level: 0.1},
	}
	entries := []Entry{
		{Name: "dense", Model: models.Config{Input: 20, Hidden: []int{12, 5}}},
		{Name: "tied", Model: models.Config{Input: 20, Hidden: []int{12, 5}, Tied: true, Activation: "tanh"}},
		{Name: "linear", Model: models.Config{Input: 20, Hidden: []int{8}, Activation: "linear", Loss: graph.MSE}},
		{Name: "dense-decoder", Model: models.Config{
			Input: 20, Hidden: []int{12, 5}, Decoder: []int{15}, OutputActivation: "sigmoid", Loss: graph.MSE,
		}},
		{Name: "dense-batch-norm", Model: models.Config{Input: 20, Hidden: []int{16, 8}, Activation: "tanh", BatchNorm: true}},
		{Name: "dense-dropout", Model: models.Config{Input: 20, Hidden: []int{40, 10}, Dropout: 0.1}},
		{Name: "denoising-gaussian", Model: models.Config{
			Input: 20, Hidden: []int{16, 8}, Noise: graph.Corruption{Kind: graph.AddedNoise, Level: 0.2},
		}},
		{Name: "denoising-masking", Model: models.Config{
			Input: 20, Hidden: []int{40}, Overcomplete: true, Noise: graph.Corruption{Kind: graph.Masking, Level: 0.1},
		}},
		{Name: "denoising-emphasis", Model: models.Config{
			Input: 20, Hidden: []int{16, 8}, Loss: graph.MSE,
			Noise: graph.Corruption{Kind: graph.SaltAndPepper, Level: 0.1}, Emphasis: &models.Emphasis{Corrupted: 1, Intact: 0.5},
		}},
		{Name: "sparse-l1", Model: models.Config{Input: 20, Hidden: []int{30}, Sparsity: models.Sparsity{L1: new(1e-3)}}, Metric: "bce"},
		{Name: "sparse-kl", Model: models.Config{
			Input: 20, Hidden: []int{30}, CodeActivation: "sigmoid", Sparsity: models.Sparsity{KL: new(1e-3), Rate: 0.2},
		}, Metric: "bce"},
		{Name: "k-sparse", Model: models.Config{
			Input: 20, Hidden: []int{30}, CodeActivation: "linear", Tied: true, Sparsity: models.Sparsity{K: 4, EvalK: 6},
		}},
		{Name: "contractive", Model: models.Config{
			Input: 20, Hidden: []int{30}, Overcomplete: true, Activation: "sigmoid", Tied: true,
			Contraction: models.Contraction{Weight: new(1e-3)},
		}, Metric: "bce"},
		{Name: "contractive-deep", Model: models.Config{
			Input: 20, Hidden: []int{16, 10}, Activation: "tanh", Contraction: models.Contraction{Weight: new(1e-3), Probes: 2},
		}, Metric: "bce"},
		{Name: "classifier", Model: models.Classifier{Config: stacked, Classes: 4}},
	}
	for _, stage := range stacked.Pretraining() {
		name := "pretrain-first"
		if stage.Layer > 1 {
			name = "pretrain-second"
		}
		entries = append(entries, Entry{Name: name, Model: stage})
	}
	return entries
}
