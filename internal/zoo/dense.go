package zoo

import models "github.com/stheno-ml/stheno/models/dense"

// dense are the fully connected autoencoders.
func dense() []Entry {
	return []Entry{
		{Name: "dense", Model: models.Config{Input: 20, Hidden: []int{12, 5}}},
		{Name: "tied", Model: models.Config{Input: 20, Hidden: []int{12, 5}, Tied: true, Activation: "tanh"}},
	}
}
