package code

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// The places of memory that a program has in addition to those of its plan. A
// layout's Base there is the first element.
const (
	inScratch plan.Place = 100 + iota
	inResults
)

// land writes what follows the steps: it puts the values that go back to the
// host side by side, and copies the updates' next values into place, unless
// they were computed in place. All reads of parameters come before any write.
func (m *maker) land() error {
	m.begin(len(m.plan.Steps))
	all, kept := m.plan.Func.Results(), len(m.plan.Kept)
	updates := all[kept:][:len(m.plan.Updates)]
	var read, written []loopOver
	for _, v := range slices.Concat(all[:kept], all[kept+len(updates):]) {
		l := m.plan.Values[v]
		if l.Place == plan.Fresh && l.Root == v {
			m.program.Returned = append(m.program.Returned, RefOf(l))
			continue
		}
		to := rowMajor(inResults, m.program.Results, l.Shape)
		m.program.Results += l.Shape.Size()
		m.program.Returned = append(m.program.Returned, RefOf(to))
		read = append(read, copying(l, to))
	}
	for i, v := range updates {
		l := m.plan.Values[v]
		to := rowMajor(plan.State, 0, l.Shape)
		to.Update = i
		switch {
		case l.Place == plan.State && l.Update == i:
			continue // computed in place
		case l.Place == plan.Input || l.Place == plan.State:
			between := rowMajor(inScratch, m.allocScratch(l.Shape.Size()).Off, l.Shape)
			read = append(read, copying(l, between))
			l = between
		}
		written = append(written, copying(l, to))
	}
	if err := m.loops(read); err != nil {
		return err
	}
	return m.loops(written)
}

// rowMajor is an array of its own in a place.
func rowMajor(p plan.Place, base int, s lower.Shape) plan.Layout {
	return plan.Layout{Place: p, Base: base, Shape: s, Strides: s.Strides()}
}

// copying copies an array.
func copying(from, to plan.Layout) loopOver {
	same := plan.Loop{Results: []plan.LoopResult{{Expr: lower.Arg(0)}}}
	return over(same, from.Shape, []array{arrayOf(from)}, []array{arrayOf(to)})
}
