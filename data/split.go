// Splits of a set into two: to train on, and held out.

package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// SplitOptions are the options of Split. One of Fraction and Count is wanted; of Stratify, Group, Time and InOrder, one
// at most. Without those, samples are held out at random.
type SplitOptions struct {
	// Fraction is the part of the samples that is held out, between 0 and 1.
	Fraction float64
	// Count is the number of samples that are held out.
	Count int
	// Seed is the seed of what is random.
	Seed uint64
	// Stratify is a field of classes, such as "label": each class has the same part held out, to rounding, and at least
	// one sample on each side.
	Stratify string
	// Group is a field whose samples of one value, such as those of one patient, are all on the same side. The number
	// held out is then as near as whole groups come in random order.
	Group string
	// Time is a field with one number a sample, by which the last samples are held out. Those of the same time are on
	// the same side. A float32 counts seconds without gaps up to 2^24, which is half a year: for longer, count hours, or
	// sort the set and use InOrder.
	Time string
	// InOrder holds out the last samples of the set.
	InOrder bool
}

// Split returns a set in two parts, to train on and held out, for a validation or a test. Both are views: no sample is
// copied. They depend on the set and the options alone, and are the same on every platform. Samples stay in the order
// of the set; with Time, they are in the order of time. Printed, a part says how it was made, and Indices gives its
// samples' places in the set.
func Split(set Set, opts SplitOptions) (train, heldOut Set, err error) {
	train, heldOut, err = split(set, opts)
	if err != nil {
		return nil, nil, fmt.Errorf("split: %w", err)
	}
	return train, heldOut, nil
}

func split(set Set, opts SplitOptions) (train, heldOut Set, err error) {
	by := parting{opts.Seed, opts.Stratify, opts.Group, opts.Time, opts.InOrder}
	if err := by.check(set, 2); err != nil {
		return nil, nil, err
	}
	count, err := opts.count(set.Len())
	if err != nil {
		return nil, nil, err
	}
	var rest, held []int
	switch {
	case opts.Stratify != "":
		held, err = by.holdOutOfClasses(set, count)
	case opts.Group != "":
		held, err = by.holdOutGroups(set, count)
	case opts.Time != "" || opts.InOrder:
		rest, held, err = by.holdOutLast(set, count)
	default:
		order := make([]int, set.Len())
		permute(order, opts.Seed)
		held = order[:count]
	}
	if err != nil {
		return nil, nil, err
	}
	if rest == nil {
		slices.Sort(held)
		rest = except(held, set.Len())
	}
	return &picked{set, rest, "to train on, split " + by.String()}, &picked{set, held, "held out " + by.String()}, nil
}

// count is how many of n samples are to be held out.
func (o SplitOptions) count(n int) (int, error) {
	switch {
	case o.Fraction == 0 && o.Count == 0:
		return 0, errors.New("say how many samples to hold out: set Fraction or Count")
	case o.Fraction != 0 && o.Count != 0:
		return 0, errors.New("the Fraction and Count are set: set one")
	case o.Count != 0:
		if o.Count < 1 || o.Count >= n {
			return 0, fmt.Errorf("the Count is %d: of %d samples, 1 to %d can be held out", o.Count, n, n-1)
		}
		return o.Count, nil
	case !(o.Fraction > 0 && o.Fraction < 1):
		return 0, fmt.Errorf("the Fraction is %g: want a number between 0 and 1", o.Fraction)
	default:
		return min(max(int(math.Round(o.Fraction*float64(n))), 1), n-1), nil
	}
}

// holdOutOfClasses chooses samples of each class, count in all.
func (p parting) holdOutOfClasses(set Set, count int) (held []int, err error) {
	classes, err := p.classes(set)
	if err != nil {
		return nil, err
	}
	for _, c := range classes {
		if len(c.samples) < 2 {
			return nil, fmt.Errorf("class %d of %q has 1 sample: at least 2 are needed, one on each side; leave the class out by OfClasses", c.class, p.stratify)
		}
	}
	if k, n := len(classes), set.Len(); count < k || count > n-k {
		return nil, fmt.Errorf("%d of %d samples are held out: with %d classes, %d to %d can be", count, n, k, k, n-k)
	}
	// Each class has its share to rounding, and the rounding goes where it is smallest until the sum is count.
	part, take, taken := float64(count)/float64(set.Len()), make([]int, len(classes)), 0
	over := func(c int) float64 { return float64(take[c]) - part*float64(len(classes[c].samples)) }
	for c := range classes {
		n := len(classes[c].samples)
		take[c] = min(max(int(math.Round(part*float64(n))), 1), n-1)
		taken += take[c]
	}
	for ; taken != count; taken += sign(count - taken) {
		best, s := -1, sign(count-taken)
		for c := range classes {
			if next := take[c] + s; next < 1 || next >= len(classes[c].samples) {
				continue
			}
			if best < 0 || float64(s)*over(c) < float64(s)*over(best) {
				best = c
			}
		}
		take[best] += s
	}
	for c := range classes {
		held = append(held, classes[c].samples[:take[c]]...)
	}
	return held, nil
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// holdOutGroups chooses whole groups, in their random order, each that brings their number nearer to count.
func (p parting) holdOutGroups(set Set, count int) (held []int, err error) {
	groups, err := p.groups(set)
	if err != nil {
		return nil, err
	}
	if len(groups) < 2 {
		return nil, fmt.Errorf("all samples are of one group by %q: at least two groups are needed", p.group)
	}
	least := 0
	for g, samples := range groups {
		if len(samples) < 2*(count-len(held)) && len(held)+len(samples) < set.Len() {
			held = append(held, samples...)
		}
		if len(samples) < len(groups[least]) {
			least = g
		}
	}
	if len(held) == 0 {
		held = append(held, groups[least]...)
	}
	return held, nil
}

// holdOutLast parts the samples at the boundary between times that is nearest before the last count.
func (p parting) holdOutLast(set Set, count int) (rest, held []int, err error) {
	order, begins, err := p.inTime(set)
	if err != nil {
		return nil, nil, err
	}
	at := set.Len() - count
	for at > 0 && !begins[at] {
		at--
	}
	if at == 0 {
		return nil, nil, errOneTime
	}
	return order[:at], order[at:], nil
}

// except are the numbers from 0 to n-1 that are not among sorted ones.
func except(sorted []int, n int) []int {
	rest := make([]int, 0, n-len(sorted))
	for i := range n {
		if len(sorted) > 0 && sorted[0] == i {
			sorted = sorted[1:]
			continue
		}
		rest = append(rest, i)
	}
	return rest
}
