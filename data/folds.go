// Folds for cross-validation.

package data

import (
	"fmt"
	"slices"
)

// FoldOptions are the options of Folds. They mean what they mean for Split.
type FoldOptions struct {
	Seed     uint64
	Stratify string
	Group    string
	Time     string
	InOrder  bool
}

// A Fold is a set in two parts.
type Fold struct {
	Train, Test Set
}

// Folds returns the k folds of a set for cross-validation, k at least 2. Each sample is in the test part of one fold,
// and in the training part of all others. The test parts are
//
//   - at random, of sizes that differ by one sample at most;
//   - with Stratify, also of numbers of each class that differ by one at most: each class must have k samples;
//   - with Group, of whole groups, and as equal as the largest groups leave them: there must be k groups;
//   - with Time or InOrder, what follows the training part: the samples in order are k+1 parts, and fold i, from 0, is
//     trained on the first i+1 and tested on the next.
//
// The parts are views, made as Split makes them.
func Folds(set Set, k int, opts FoldOptions) ([]Fold, error) {
	folds, err := foldsOf(set, k, parting{opts.Seed, opts.Stratify, opts.Group, opts.Time, opts.InOrder})
	if err != nil {
		return nil, fmt.Errorf("folds: %w", err)
	}
	return folds, nil
}

func foldsOf(set Set, k int, by parting) (folds []Fold, err error) {
	if k < 2 {
		return nil, fmt.Errorf("%d folds: at least 2 are needed", k)
	}
	if by.time != "" || by.inOrder {
		return by.foldsInTime(set, k)
	}
	if err := by.check(set, k); err != nil {
		return nil, err
	}
	var tests [][]int
	switch {
	case by.stratify != "":
		tests, err = by.dealClasses(set, k)
	case by.group != "":
		tests, err = by.dealGroups(set, k)
	default:
		order := make([]int, set.Len())
		permute(order, by.seed)
		tests = deal(make([][]int, k), order, 0)
	}
	if err != nil {
		return nil, err
	}
	for i, test := range tests {
		slices.Sort(test)
		folds = append(folds, by.fold(set, i, k, except(test, set.Len()), test))
	}
	return folds, nil
}

// fold is fold i of k.
func (p parting) fold(set Set, i, k int, train, test []int) Fold {
	of := fmt.Sprintf("of fold %d of %d, %s", i+1, k, p)
	return Fold{&picked{set, train, "training part " + of}, &picked{set, test, "test part " + of}}
}

// deal gives samples to the parts in turn, the first of them to part first.
func deal(parts [][]int, samples []int, first int) [][]int {
	for i, s := range samples {
		k := (first + i) % len(parts)
		parts[k] = append(parts[k], s)
	}
	return parts
}

func (p parting) dealClasses(set Set, k int) ([][]int, error) {
	classes, err := p.classes(set)
	if err != nil {
		return nil, err
	}
	parts, dealt := make([][]int, k), 0
	for _, c := range classes {
		if n := len(c.samples); n < k {
			return nil, fmt.Errorf("class %d of %q has too few samples, %d for %d folds: make fewer folds, or leave the class out by OfClasses",
				c.class, p.stratify, n, k)
		}
		deal(parts, c.samples, dealt)
		dealt += len(c.samples)
	}
	return parts, nil
}

// dealGroups gives each group, the largest first, to the part with the fewest samples.
func (p parting) dealGroups(set Set, k int) ([][]int, error) {
	groups, err := p.groups(set)
	if err != nil {
		return nil, err
	}
	if len(groups) < k {
		return nil, fmt.Errorf("there are %d groups by %q for %d folds: make fewer folds", len(groups), p.group, k)
	}
	slices.SortStableFunc(groups, func(a, b []int) int { return len(b) - len(a) })
	parts := make([][]int, k)
	for _, samples := range groups {
		least := 0
		for i, part := range parts {
			if len(part) < len(parts[least]) {
				least = i
			}
		}
		parts[least] = append(parts[least], samples...)
	}
	return parts, nil
}

func (p parting) foldsInTime(set Set, k int) (folds []Fold, err error) {
	if err := p.check(set, k+1); err != nil {
		return nil, err
	}
	order, begins, err := p.inTime(set)
	if err != nil {
		return nil, err
	}
	ends := []int{}
	for part := 1; part <= k; part++ {
		at := part * len(order) / (k + 1)
		for at > 0 && !begins[at] {
			at--
		}
		if at == 0 || len(ends) > 0 && at == ends[len(ends)-1] {
			return nil, errOneTime
		}
		ends = append(ends, at)
	}
	ends = append(ends, len(order))
	for i := range k {
		folds = append(folds, p.fold(set, i, k, order[:ends[i]], order[ends[i]:ends[i+1]]))
	}
	return folds, nil
}
