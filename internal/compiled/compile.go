package compiled

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// compile makes the plan and the engine that runs it.
func (m *Machine) compile() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("compiling: %v", r)
		}
	}()
	p, err := plan.Make(m.source, m.backend.Target(m.source.Dtype))
	if err != nil {
		return err
	}
	if m.backend.Strict {
		if err := strict(p); err != nil {
			return err
		}
	}
	runs := uint32(0)
	if m.engine != nil {
		runs = *m.engine.Clock()
	}
	e, err := m.backend.Start(p, m.engine)
	if err != nil {
		return err
	}
	*e.Clock() = runs
	m.plan, m.engine = p, e
	return nil
}

// refresh compiles again if a switched op changes the plan, or if a program changed
// the bounds of a slice for the first time.
func (m *Machine) refresh() error {
	changed := m.plan.ChangedSlices()
	for _, n := range changed {
		if m.source.DynamicSlices == nil {
			m.source.DynamicSlices = map[*graph.Node]bool{}
		}
		m.source.DynamicSlices[n] = true
	}
	if len(changed) == 0 && !slices.ContainsFunc(m.plan.Stale, func(stale func() bool) bool { return stale() }) {
		return nil
	}
	if err := m.compile(); err != nil || m.watch == nil {
		return err
	}
	if err := m.watch.close(); err != nil {
		return err
	}
	m.watch = newWatch(m.plan)
	return nil
}
