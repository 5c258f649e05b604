package zoo

import models "github.com/stheno-ml/stheno/models/seq"

// seq are the autoencoders of sequences.
func seq() []Entry {
	return []Entry{
		{Name: "lstm", Model: models.Config{Steps: 6, Features: 4, Hidden: []int{7, 5}, Code: 3}},
	}
}
