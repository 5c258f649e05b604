package compiled

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/solve"
	"github.com/stheno-ml/stheno/internal/team"
)

// Solver returns a solver that does what s does on the machine's workers.
func (m *Machine) Solver(s gorgonia.Solver) gorgonia.Solver {
	return solve.On(workers{m}, m.backend.ISA, s)
}

// workers are the workers of a machine. If the machine cannot run or its engine has no
// workers, only the caller works.
type workers struct{ of *Machine }

func (w workers) team() *team.Team {
	if e, ok := w.of.engine.(interface{ Workers() *team.Team }); ok {
		return e.Workers()
	}
	return nil
}

// Size returns the number of workers.
func (w workers) Size() int {
	if t := w.team(); t != nil {
		return t.Size()
	}
	return 1
}

// Run does the parts of a task.
func (w workers) Run(task solve.Task, parts int) error {
	if t := w.team(); t != nil {
		return w.of.Within(func() { t.Run(task, parts) })
	}
	for i := range parts {
		task.Do(i, 0)
	}
	return nil
}
