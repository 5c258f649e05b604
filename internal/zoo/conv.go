package zoo

import (
	"github.com/stheno-ml/stheno/graph"
	models "github.com/stheno-ml/stheno/models/conv"
)

// conv are the convolutional autoencoders.
func conv() []Entry {
	return []Entry{
		{Name: "conv", Model: models.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}}},
		{Name: "conv-strided", Model: models.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}, Strided: true}},
	}
}
