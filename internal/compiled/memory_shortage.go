package compiled

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/available"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// MemoryShortage describes a step of a plan that needs more memory than is free.
type MemoryShortage struct {
	Plan *plan.Plan
	On   string // where the memory is needed, such as " on a GPU"
	Need int64  // bytes
	// Arena is the part of Need for values between the steps.
	Arena int64
	// AlsoHeld says what else is held there, such as ", besides 3 GiB of parameters".
	AlsoHeld string
	Free     int64
}

// String says how much is needed and free, and which batch would fit.
func (r MemoryShortage) String() string {
	text := fmt.Sprintf("a step needs %s%s (%s of it for values between the steps)%s; %s are free",
		available.Text(r.Need), r.On, available.Text(r.Arena), r.AlsoHeld, available.Text(r.Free))
	if batch := batchOf(r.Plan); batch > 1 {
		// Nearly all of a step's memory grows with the batch.
		if fits := int(float64(batch) * 0.95 * float64(r.Free) / float64(r.Need)); fits >= 1 {
			text += fmt.Sprintf("; a batch of about %d would fit instead of %d", fits, batch)
		}
	}
	return text + ": close machines that are not needed, or use a smaller batch"
}

// batchOf returns the batch size: the first extent of the largest input that is not a
// parameter.
func batchOf(p *plan.Plan) int {
	batch, largest := 0, 0
	for i, s := range p.Inputs {
		if shape := p.Func.Shape(lower.Value(i)); s.Node != nil && s.Param == nil && len(shape) > 1 && shape.Size() > largest {
			batch, largest = shape[0], shape.Size()
		}
	}
	return batch
}
