package plan

import (
	"container/heap"

	"github.com/stheno-ml/stheno/lower"
)

// units are the steps of a function collected in units, each of which becomes one
// step.
type units struct {
	old     *lower.Func
	unit    []int   // by step
	members [][]int // by unit: its steps in order; nil if it was joined to another
	readers [][]int // by value: steps, in order

	search int   // the number of the present search
	seen   []int // by unit: the last search that visited it
	queue  []int // of the search
}

// newUnits makes a unit of each step.
func newUnits(old *lower.Func) units {
	n := len(old.Steps())
	u := units{old: old, unit: make([]int, n), members: make([][]int, n), readers: make([][]int, old.Values()), seen: make([]int, n)}
	for i := range n {
		u.unit[i], u.members[i] = i, []int{i}
	}
	return u
}

// readBy records that a step reads a value.
func (j *units) readBy(v lower.Value, step int) {
	if k := j.readers[v]; len(k) == 0 || k[len(k)-1] != step {
		j.readers[v] = append(k, step)
	}
}

// joinUnits joins unit b to unit a. both are the steps of the two, in order.
func (j *units) joinUnits(a, b int, both []int) {
	j.members[a], j.members[b] = both, nil
	for _, i := range both {
		j.unit[i] = a
	}
}

// hasPathThroughOther reports whether a third unit depends on unit a and unit b
// depends on it. It also returns true if the search gets too long.
func (j *units) hasPathThroughOther(a, b int) bool {
	last := j.members[b][len(j.members[b])-1]
	j.search++
	j.seen[a], j.queue = j.search, append(j.queue[:0], a)
	for at := 0; at < len(j.queue); at++ {
		if at == maxSearched {
			return true
		}
		u := j.queue[at]
		for _, i := range j.members[u] {
			for _, v := range j.old.Steps()[i].Out {
				for _, k := range j.readers[v] {
					next := j.unit[k]
					switch {
					case next == b && u != a:
						return true
					case next == b || j.seen[next] == j.search || j.members[next][0] > last:
						continue
					}
					j.seen[next], j.queue = j.search, append(j.queue, next)
				}
			}
		}
	}
	return false
}

// order returns the units that have members in an order in which each comes after all
// units that it needs. Among several, the unit whose last member came first goes first.
func (j *units) order(needs func(unit int) []int) []int {
	waits := make([]int, len(j.members)) // by unit: how many units it depends on
	next := make([][]int, len(j.members))
	var ready stepQueue // the last step of each unit that can go
	for u, m := range j.members {
		if m == nil {
			continue
		}
		last := m[len(m)-1]
		seen := map[int]bool{}
		for _, n := range needs(u) {
			if !seen[n] {
				seen[n] = true
				next[n] = append(next[n], u)
			}
		}
		if waits[u] = len(seen); waits[u] == 0 {
			heap.Push(&ready, last)
		}
	}
	var order []int
	for len(ready) > 0 {
		u := j.unit[heap.Pop(&ready).(int)]
		order = append(order, u)
		for _, n := range next[u] {
			if waits[n]--; waits[n] == 0 {
				heap.Push(&ready, j.members[n][len(j.members[n])-1])
			}
		}
	}
	return order
}

// stepQueue is a heap of step numbers: heap.Pop returns the smallest.
type stepQueue []int

func (s stepQueue) Len() int           { return len(s) }
func (s stepQueue) Less(a, b int) bool { return s[a] < s[b] }
func (s stepQueue) Swap(a, b int)      { s[a], s[b] = s[b], s[a] }
func (s *stepQueue) Push(x any)        { *s = append(*s, x.(int)) }
func (s *stepQueue) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
