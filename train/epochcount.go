package train

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
)

// epochsState is the name of the state that counts the epochs of training, [1].
const epochsState = "train/epoch"

// epochsOf returns the state that counts epochs.
func epochsOf(p *graph.Params) (*graph.Param, error) {
	b := graph.New(p, graph.Config{})
	b.State(epochsState, nil, 1)
	if err := b.Err(); err != nil {
		return nil, err
	}
	return p.Get(epochsState), nil
}

// versions returns the total number of changes of the parameters that change with the
// steps.
func versions(p *graph.Params) (n uint64) {
	for _, q := range stepParams(p) {
		n += q.Storage(storage.Access{}).Version()
	}
	return n
}
