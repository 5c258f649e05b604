package plan

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// fixedSlice is a node of a slice whose bounds are part of the plan.
type staticSlice struct {
	node, of *graph.Node
	changed  func() bool
}

// Moved returns the nodes of slices that should be in Source.Moving from now on,
// if the program gave any of them other bounds since the plan was made: those that
// it did, and all others of the same arrays, which it is likely to move next.
func (p *Plan) ChangedSlices() []*graph.Node {
	of := map[*graph.Node]bool{}
	for _, s := range p.slices {
		if s.changed() {
			of[s.of] = true
		}
	}
	if len(of) == 0 {
		return nil
	}
	var out []*graph.Node
	for _, s := range p.slices {
		if of[s.of] {
			out = append(out, s.node)
		}
	}
	return out
}

// Words returns the elements of an input that no memory holds: the clock of that
// many runs, or a slice's bounds of now.
func (s InputSource) Words(runs uint32) (words [4]float64, ok bool, err error) {
	switch {
	case s.Clock:
		return lower.ClockWords(runs, 0), true, nil
	case s.Bounds != nil:
		words, err = s.Bounds()
		return words, true, err
	}
	return words, false, nil
}
