package zoo

import (
	"github.com/stheno-ml/stheno/graph"
	models "github.com/stheno-ml/stheno/models/seq"
)

// seq are the autoencoders of sequences, of values and of tokens.
func seq() []Entry {
	return []Entry{
		{Name: "lstm", Model: models.Config{Steps: 6, Features: 4, Hidden: []int{7, 5}, Code: 3}},
		{Name: "gru-lengths", Model: models.Config{Steps: 6, Features: 4, Hidden: []int{9}, Code: 4, Cell: models.GRU, Lengths: true, Loss: graph.MSE}},
		{Name: "rnn-forced", Model: models.Config{Steps: 6, Features: 4, Hidden: []int{9}, Code: 4, Cell: models.RNN, TeacherForcing: true}},
		{Name: "seq-attention", Model: models.Config{Steps: 5, Features: 4, Hidden: []int{9, 8}, Code: 4, Bidirectional: true, Attention: true, Dropout: 0.1, Lengths: true}},
		{Name: "seq-tokens", Model: models.Config{Steps: 5, Vocabulary: 6, Embedding: 5, Hidden: []int{12}, Code: 4, Cell: models.GRU, TeacherForcing: true, Lengths: true}},
		{Name: "seq-vae", Metric: "recon", Model: models.VAE{
			Config: models.Config{Steps: 5, Features: 4, Hidden: []int{12}, Code: 3, TeacherForcing: true, Lengths: true},
			Beta:   new(0.1),
		}},
		{Name: "seq-vae-tokens", Metric: "recon", Model: models.VAE{
			Config:   models.Config{Steps: 5, Vocabulary: 6, Embedding: 5, Hidden: []int{12}, Code: 3, TeacherForcing: true, WordDropout: 0.2, Lengths: true},
			Beta:     new(0.1),
			FreeBits: 0.5,
		}},
	}
}
