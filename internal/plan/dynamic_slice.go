package plan

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// staticSlice is a slice node whose bounds are part of the plan.
type staticSlice struct {
	node, of *graph.Node
	changed  func() bool
}

// ChangedSlices returns the slice nodes to add to Source.DynamicSlices, because the
// program changed their bounds after the plan was made. It includes all slices of the
// same arrays: the program is likely to change those next. It returns nil if no
// bounds changed.
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

// Words returns the elements of an input that has no memory: the clock after that
// many runs, or a slice's present bounds. ok is false for any other input.
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
