package cpu

import (
	"errors"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

var errOneRun = errors.New("only the values of the last run are available")

// outputs gives access to the kept nodes that a run does not publish. They stay in
// the arena until the next run.
type outputs[T lower.Float] struct {
	runner *runner[T]
	copies [][]T // by kept node: a copy, if it lies in the memory of an input or a parameter
}

func newOutputs[T lower.Float](r *runner[T]) outputs[T] {
	o := outputs[T]{r, make([][]T, len(r.plan.Kept))}
	for i := r.plan.Published(); i < len(o.copies); i++ {
		if l := r.plan.Values[r.plan.Func.Results()[i]]; l.Place == plan.Input {
			o.copies[i] = make([]T, l.Shape.Size())
		}
	}
	return o
}

// save copies, at the end of a run, the values that may change before the next.
func (o *outputs[T]) save() {
	for i, to := range o.copies {
		if to != nil {
			o.runner.values[o.runner.plan.Func.Results()[i]].CopyRange(to, 0)
		}
	}
}

// Number is the first element of kept node i in the last run.
func (r *runner[T]) Number(i, ago int) (float64, error) {
	if ago > 0 {
		return 0, errOneRun
	}
	if x := r.outputs.copies[i]; x != nil {
		return float64(x[0]), nil
	}
	v := &r.values[r.plan.Func.Results()[i]]
	return float64(v.Data[v.Off]), nil
}

// Read copies the elements of kept node i in the last run.
func (r *runner[T]) Read(i, ago int, to []float32) error { return readOutput(r, i, ago, to) }

// Floats is Read in full precision.
func (r *runner[T]) Floats(i, ago int, to []float64) error { return readOutput(r, i, ago, to) }

func readOutput[T, U lower.Float](r *runner[T], i, ago int, to []U) error {
	if ago > 0 {
		return errOneRun
	}
	v := r.values[r.plan.Func.Results()[i]]
	if x := r.outputs.copies[i]; x != nil {
		v = lower.ArrayOf(x, v.Shape)
	}
	same, ok := any(to).([]T)
	if !ok {
		for k, x := range v.Elements() {
			to[k] = U(x)
		}
		return nil
	}
	for _, view := range r.views {
		if view.kept == i && r.outputs.copies[i] == nil {
			return view.step.run(r.team, []lower.Array[T]{v}, []lower.Array[T]{lower.ArrayOf(same, v.Shape)})
		}
	}
	v.CopyRange(same, 0)
	return nil
}
