package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// accumulation adds one array to another on the team.
type accumulation[T lower.Float] struct {
	vector *kernel.Vector[T]
	sum, x []T
}

// Add sets sum[i] += x[i]. Both have the same length. See compiled.Adder.
func (r *runner[T]) Add(sum, x []T) {
	a := &accumulation[T]{r.vector, sum, x}
	r.team.Run(a, (len(sum)+loopGrain-1)/loopGrain)
}

// Do adds one part.
func (a *accumulation[T]) Do(part, _ int) {
	from, to := part*loopGrain, min((part+1)*loopGrain, len(a.sum))
	a.vector.Binary[kernel.OpAdd](a.sum[from:to], a.sum[from:to], a.x[from:to])
}
