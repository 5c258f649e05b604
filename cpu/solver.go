package cpu

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/solve"
	"github.com/stheno-ml/stheno/internal/team"
)

// Solver returns a solver that does what s does, to the same bits, on the
// machine's workers: each weight is gone through once, where Gorgonia's own code
// goes through it some fifteen times on one processor. It is for the values and
// gradients of any graph, and steps while the machine does not run.
//
// Solvers of Gorgonia that go through weights element by element are taken:
// Vanilla, Momentum, AdaGrad, RMSProp and Adam, with all their options. A new
// rate, or another number, that an option gives s later holds from the next step
// on. Any other solver is returned as it is: AdamW, BarzilaiBorwein, a solver of
// the caller's own, and one that has stepped before, whose state is its own.
// Weights that are no dense float tensors in row-major order, with gradients that
// are, go on being stepped by s.
//
// Step returns the errors that s would, but before any weight is changed. The
// state of the weights is that of the returned solver: step by it alone.
func (m *Machine) Solver(s gorgonia.Solver) gorgonia.Solver { return solve.On(workers{m}, m.isa, s) }

// workers are those of a machine; the caller alone, of one that cannot run.
type workers struct{ of *Machine }

func (w workers) team() *team.Team {
	if e, ok := w.of.m.Engine().(interface{ workers() *team.Team }); ok {
		return e.workers()
	}
	return nil
}

func (w workers) Size() int {
	if t := w.team(); t != nil {
		return t.Size()
	}
	return 1
}

func (w workers) Run(task solve.Task, parts int) error {
	if t := w.team(); t != nil {
		return w.of.m.Within(func() { t.Run(task, parts) })
	}
	for i := range parts {
		task.Do(i, 0)
	}
	return nil
}
