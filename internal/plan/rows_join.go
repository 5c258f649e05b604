package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// maxRowSteps bounds the steps of one part of rows, and maxRowStreams the arrays
// that it reads and writes.
const (
	maxRowSteps   = 16
	maxRowStreams = 24
)

// rows joins steps over the same rows, of which one reads what another computes, if one
// of them combines the elements of whole rows.
func (t Target) rows(old *lower.Func) (*lower.Func, error) {
	if !t.Rows {
		return old, nil
	}
	j := newRowJoiner(old)
	joined := false
	for i, s := range old.Steps() {
		if lower.IsView(s.Prim) {
			continue
		}
		for _, v := range s.In {
			if p := j.maker[j.layouts[v].Root]; p >= 0 {
				joined = j.tryJoin(p, i) || joined
			}
		}
	}
	if !joined {
		return old, nil
	}
	return j.write(), nil
}

// rowJoiner joins steps over the same rows.
type rowJoiner struct {
	units   // views are not in units; readers read a value or a view of it
	layouts []Layout
	space   []rowSpace // by unit; zero if it has no rows of its own
	maker   []int      // by value that is not a view: the step that computes it, -1 for an input
	result  []bool     // by value that is not a view: the function returns it, or a view of it
}

func newRowJoiner(old *lower.Func) *rowJoiner {
	n, values := len(old.Steps()), old.Values()
	j := &rowJoiner{
		units: newUnits(old), layouts: Layouts(old), space: make([]rowSpace, n), maker: make([]int, values), result: make([]bool, values),
	}
	for v := range j.maker {
		j.maker[v] = -1
	}
	for i, s := range old.Steps() {
		if lower.IsView(s.Prim) && j.layouts[s.Out[0]].Root != s.Out[0] {
			j.members[i] = nil
			continue
		}
		if space, ok := rowsOf(s, old); ok && space.useful() {
			j.space[i] = space
		}
		for _, v := range s.Out {
			j.maker[v] = i
		}
		for _, v := range s.In {
			j.readBy(j.layouts[v].Root, i)
		}
	}
	for _, v := range old.Results() {
		j.result[j.layouts[v].Root] = true
	}
	return j
}

// tryJoin joins the units of two steps, of which b reads a result of a, if that is
// possible.
func (j *rowJoiner) tryJoin(a, b int) bool {
	ua, ub := j.unit[a], j.unit[b]
	space := j.space[ua]
	if space == (rowSpace{}) {
		space = j.space[ub]
	}
	if ua == ub || space == (rowSpace{}) || j.space[ub] != space && j.space[ub] != (rowSpace{}) {
		return false
	}
	both := slices.Concat(j.members[ua], j.members[ub])
	slices.Sort(both)
	if !j.canJoin(both, space) || j.hasPathThroughOther(ua, ub) || j.hasPathThroughOther(ub, ua) {
		return false
	}
	j.joinUnits(ua, ub, both)
	j.space[ua] = space
	return true
}

// canJoin reports whether steps can run by rows, as one.
func (j *rowJoiner) canJoin(steps []int, space rowSpace) bool {
	if len(steps) > maxRowSteps {
		return false
	}
	computed, streams := map[lower.Value]rowKind{}, map[lower.Value]bool{}
	for _, i := range steps {
		s := j.old.Steps()[i]
		if len(s.In) == 0 {
			return false
		}
		for _, v := range s.In {
			l := j.layouts[v]
			kind := space.over(l.Shape).kindOf(l)
			made, internal := computed[l.Root]
			switch {
			case kind == noRows:
				return false
			case !internal:
				streams[l.Root] = true
			case made != kind || l.Off != 0 || made == oneRow || made == single: // sums over rows are complete only at the end
				return false
			}
		}
		kinds := space.resultKinds(s.Prim, j.old.Shape(s.In[0]))
		if kinds == nil {
			return false
		}
		for k, v := range s.Out {
			computed[v] = kinds[k]
			if j.leaves(v, steps) {
				streams[v] = true
			}
		}
	}
	return len(streams) <= maxRowStreams
}

// leaves reports whether a step other than these, or the caller, reads a value.
func (j *rowJoiner) leaves(v lower.Value, steps []int) bool {
	return j.result[v] || slices.ContainsFunc(j.readers[v], func(k int) bool { return !slices.Contains(steps, k) })
}
