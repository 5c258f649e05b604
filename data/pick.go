// Views of some samples of a set, by their indices.

package data

import (
	"fmt"
	"slices"
)

// Pick returns the samples of a set with those indices, in that order; an index may be there several times. The set is
// a view: it has no copy of the samples.
func Pick(set Set, indices []int) (Set, error) {
	if set == nil {
		return nil, fmt.Errorf("pick: %w", errNoSet)
	}
	for k, i := range indices {
		if i < 0 || i >= set.Len() {
			return nil, fmt.Errorf("pick: index %d is %d: there is no such sample in a set of %d", k, i, set.Len())
		}
	}
	return &picked{Set: set, order: slices.Clone(indices), what: "picked by index"}, nil
}

// Indices returns where each sample of a set is in the set that it was chosen from by Split, Folds, Pick, OfClasses,
// Subset or Limit; nil for any other set. With it, the scores of a part go back to the samples of the whole.
func Indices(set Set) []int {
	switch s := set.(type) {
	case *picked:
		return slices.Clone(s.order)
	case *subset:
		order := make([]int, s.n)
		for i := range order {
			order[i] = s.from + i
		}
		return order
	default:
		return nil
	}
}

// picked is a selection of a set's samples.
type picked struct {
	Set
	order []int  // their indices
	what  string // how they were chosen
}

func (s *picked) Len() int { return len(s.order) }

func (s *picked) Read(i int, to [][]float32) error {
	if i < 0 || i >= len(s.order) {
		return fmt.Errorf("chosen samples: no sample %d in a set of %d", i, len(s.order))
	}
	return s.Set.Read(s.order[i], to)
}

// String says how many samples there are, of how many, and how they were chosen, for a log.
func (s *picked) String() string {
	return fmt.Sprintf("%d of %d samples, %s", len(s.order), s.Set.Len(), s.what)
}
