package sampler

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Prior draws codes from a model's own prior, the net's output "prior": N(0,1) for most
// models, a learned prior such as VampPrior's for some.
type Prior struct {
	// Net draws outputs of the model, as *vm.Function does.
	Net interface {
		Draw(draw int, in, out []vm.Array) error
	}
	// Dims is the number of values of a code.
	Dims int
}

// Size is the number of values of a code.
func (p Prior) Size() int { return p.Dims }

// Draw draws n codes [n, Dims]. The seed is at most 2^32-1.
func (p Prior) Draw(n int, seed uint64) ([]float32, error) {
	if err := checkDraw(n, p.Dims); err != nil {
		return nil, err
	}
	if seed >= 1<<32 {
		return nil, fmt.Errorf("sampler: the seed %d is above 2^32-1", seed)
	}
	z := []vm.Array{{Name: graph.OutputPrior, Shape: []int{n, p.Dims}}}
	if err := p.Net.Draw(int(seed), nil, z); err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	if len(z[0].Data) != n*p.Dims {
		return nil, fmt.Errorf("sampler: the net's prior has codes of shape %v, but Dims is %d", z[0].Shape[1:], p.Dims)
	}
	return z[0].Data, nil
}
