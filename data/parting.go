// By what the samples of a set are parted: classes, groups or time.

package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A parting says how samples are parted. At most one of its fields other than seed is set.
type parting struct {
	seed                  uint64
	stratify, group, time string // fields
	inOrder               bool
}

// check checks that there is one way at most, and that the set has samples enough for parts.
func (p parting) check(set Set, parts int) error {
	if set == nil {
		return errNoSet
	}
	var ways []string
	for _, way := range []struct {
		name string
		set  bool
	}{{"Stratify", p.stratify != ""}, {"Group", p.group != ""}, {"Time", p.time != ""}, {"InOrder", p.inOrder}} {
		if way.set {
			ways = append(ways, way.name)
		}
	}
	if len(ways) > 1 {
		return fmt.Errorf("%s are set: set one at most", strings.Join(ways, " and "))
	}
	switch n := set.Len(); {
	case n < parts:
		return fmt.Errorf("a set of %d samples cannot have %d parts", n, parts)
	case n > maxVolume:
		return fmt.Errorf("a set of %d samples cannot be parted, at most %d can: take a Subset", n, maxVolume)
	}
	return nil
}

// String completes a sentence about samples.
func (p parting) String() string {
	switch {
	case p.stratify != "":
		return fmt.Sprintf("at random with seed %d, stratified by %s", p.seed, p.stratify)
	case p.group != "":
		return fmt.Sprintf("at random with seed %d, whole groups by %s", p.seed, p.group)
	case p.time != "":
		return "by time, field " + p.time
	case p.inOrder:
		return "in the order of the set"
	default:
		return fmt.Sprintf("at random with seed %d", p.seed)
	}
}

// inClass are the samples of one class, in random order.
type inClass struct {
	class   int
	samples []int
}

// classes are the classes of a set that have samples.
func (p parting) classes(set Set) ([]inClass, error) {
	a, err := arrayOf(set, p.stratify)
	if err != nil {
		return nil, err
	}
	if f := a.field(); f.Classes == 0 || f.Size() != 1 {
		return nil, fmt.Errorf("field %s is not one class a sample: stratify by a field of classes", f)
	}
	members := make([][]int, a.Classes)
	for i, v := range a.Values {
		if err := checkClass(v, a.Classes); err != nil {
			return nil, fmt.Errorf("field %q: sample %d: %w", p.stratify, i, err)
		}
		members[int(v)] = append(members[int(v)], i)
	}
	var classes []inClass
	for c, samples := range members {
		if len(samples) > 0 {
			classes = append(classes, inClass{c, inRandomOrder(samples, p.seed, c)})
		}
	}
	return classes, nil
}

// groups are the samples of each group, in random order of the groups.
func (p parting) groups(set Set) ([][]int, error) {
	groups, err := groupsOf(set, p.group)
	if err != nil {
		return nil, err
	}
	return inRandomOrder(groups, p.seed), nil
}

// groupsOf are the samples of each value of a field, in the order in which the values first come.
func groupsOf(set Set, field string) ([][]int, error) {
	a, err := arrayOf(set, field)
	if err != nil {
		return nil, err
	}
	var groups [][]int
	size := a.field().Size()
	at := map[string]int{}
	key := make([]byte, 0, 4*size)
	for i := range a.Len() {
		key = key[:0]
		for _, v := range a.Values[i*size : (i+1)*size] {
			if math.IsNaN(float64(v)) {
				return nil, fmt.Errorf("field %q: sample %d is NaN, which is no group: replace it", field, i)
			}
			key = binary.LittleEndian.AppendUint32(key, math.Float32bits(v+0)) // -0 is 0
		}
		g, ok := at[string(key)]
		if !ok {
			g = len(groups)
			at[string(key)] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups, nil
}

// inTime are the samples in the order of time, and for each whether it may begin a part: those of the same time stay
// together.
func (p parting) inTime(set Set) (order []int, begins []bool, err error) {
	n := set.Len()
	order, begins = make([]int, n), slices.Repeat([]bool{true}, n)
	for i := range order {
		order[i] = i
	}
	if p.inOrder {
		return order, begins, nil
	}
	a, err := arrayOf(set, p.time)
	if err != nil {
		return nil, nil, err
	}
	if a.field().Size() != 1 {
		return nil, nil, fmt.Errorf("field %s is not one time a sample", a.field())
	}
	for i, v := range a.Values {
		if math.IsNaN(float64(v)) {
			return nil, nil, fmt.Errorf("field %q: sample %d is NaN, which is no time: replace it", p.time, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch u, v := a.Values[i], a.Values[j]; {
		case u < v:
			return -1
		case u > v:
			return 1
		default:
			return 0
		}
	})
	for k := 1; k < n; k++ {
		begins[k] = a.Values[order[k-1]] != a.Values[order[k]]
	}
	return order, begins, nil
}

// errOneTime is the error of a part by time that no boundary between times begins.
var errOneTime = errors.New("too many samples have the same time: fewer or larger parts are needed, or InOrder")

// inRandomOrder returns the elements in an order that depends on the seed and the path alone.
func inRandomOrder[T any](elements []T, seed uint64, path ...int) []T {
	order := make([]int, len(elements))
	permute(order, seed, path...)
	shuffled := make([]T, len(elements))
	for k, i := range order {
		shuffled[k] = elements[i]
	}
	return shuffled
}
