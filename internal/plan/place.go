package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// align is what the first element of every array in the arena is a multiple
// of: 16 float32s are one cache line.
const align = 16

// span is the time a root's memory is needed: from the step that makes it to
// the last that reads it or a view of it, both included.
type span struct {
	root        lower.Value
	size        int
	first, last int
}

// spans returns the roots that live in the arena.
func (p *Plan) spans() []span {
	at := map[lower.Value]int{} // root to index
	var out []span
	for i, s := range p.Steps {
		for _, v := range s.In {
			if k, ok := at[p.Values[v].Root]; ok {
				out[k].last = i
			}
		}
		for _, v := range s.Out {
			if p.Values[v].Place == Arena {
				at[v] = len(out)
				out = append(out, span{v, p.Func.Shape(v).Size(), i, i})
			}
		}
	}
	for _, v := range p.Func.Results() {
		if k, ok := at[p.Values[v].Root]; ok {
			out[k].last = len(p.Steps)
		}
	}
	return out
}

// Span is memory that is needed for a time, both ends included.
type Span struct{ Size, First, Last int }

// Fit gives spans places in one arena, so that no two that share time share
// memory, and returns them and the arena's size. Large ones choose first, and
// take the lowest place.
func Fit(spans []Span) (base []int, arena int) {
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return spans[b].Size - spans[a].Size })
	base = make([]int, len(spans))
	var placed []int // from the lowest place up
	for _, i := range order {
		s, at := spans[i], 0
		for _, k := range placed {
			o := spans[k]
			if o.Last < s.First || s.Last < o.First {
				continue
			}
			if base[k] >= at+s.Size {
				break
			}
			at = max(at, roundUp(base[k]+o.Size))
		}
		base[i] = at
		above, _ := slices.BinarySearchFunc(placed, at, func(k, at int) int { return base[k] - at })
		placed = slices.Insert(placed, above, i)
		arena = max(arena, roundUp(at+s.Size))
	}
	return base, arena
}

// place gives every root its place: the memory of the parameter it is the next
// value of, where that is safe, else a part of the arena that no other root
// needs at the same time.
func (p *Plan) place() {
	p.placeUpdates()
	p.placeKept()
	all, spans := p.spans(), p.arenaSpans()
	p.Least = Least(spans)
	at, size := Fit(spans)
	p.Arena = size
	base := map[lower.Value]int{}
	for i, s := range all {
		base[s.root] = at[i]
	}
	for i := range p.Values {
		if p.Values[i].Place == Arena {
			p.Values[i].Base = base[p.Values[i].Root]
		}
	}
}

func roundUp(n int) int { return (n + align - 1) / align * align }

// worthPublishing is how many elements of a kept value are worth memory that is
// new in every run, so that they need not be copied.
const worthPublishing = 1 << 12

// placeKept computes large kept values right in the memory that is published.
func (p *Plan) placeKept() {
	for i, root := range p.Func.Results()[:len(p.Kept)-p.Quiet] {
		if l := p.Values[root]; l.Place != Arena || l.Root != root || l.Shape.Size() < worthPublishing {
			continue
		}
		for v := range p.Values {
			if p.Values[v].Root == root {
				p.Values[v].Place, p.Values[v].Kept = Fresh, i
			}
		}
	}
}

// placeUpdates computes a parameter's next value right in the parameter's
// memory where an elementwise step makes it, no later step reads the old one,
// and the step itself reads the old one only where and when it writes.
func (p *Plan) placeUpdates() {
	results := p.Func.Results()
	inputs := map[*graph.Node]lower.Value{}
	for i, s := range p.Inputs {
		if s.Node != nil {
			inputs[s.Node] = lower.Value(i)
		}
	}
	for i, u := range p.Updates {
		next := results[len(p.Kept)+i]
		l := p.Values[next]
		old, reads := inputs[u.Node]
		if l.Place != Arena || l.Root != next || slices.Index(results, next) != len(p.Kept)+i || slices.Contains(results[len(p.Kept)+i+1:], next) {
			continue
		}
		if reads && p.readLater(old, next) {
			continue
		}
		for v := range p.Values {
			if p.Values[v].Root == next {
				p.Values[v].Place, p.Values[v].Update = State, i
			}
		}
	}
}

// readLater reports whether old must outlive the step that makes next.
func (p *Plan) readLater(old, next lower.Value) bool {
	for _, v := range p.Func.Results() {
		if p.Values[v].Root == old {
			return true
		}
	}
	made := false
	for _, s := range p.Steps {
		maker := slices.Index(s.Out, next)
		for k, v := range s.In {
			l := p.Values[v]
			if l.Root != old {
				continue
			}
			if made || maker >= 0 && !(elementwise(s.Prim, k, maker) && l.readable() && l.Off == 0 && l.Shape.Size() == p.Func.Shape(next).Size()) {
				return true
			}
		}
		made = made || maker >= 0
	}
	return false
}

// elementwise reports whether a step reads an element of its operand only when
// it writes that element of its result, and not after.
func elementwise(p lower.Prim, operand, result int) bool {
	switch p := p.(type) {
	case lower.Map, Loop:
		return true
	case Product:
		return operand >= p.Reads()
	case Group:
		for _, m := range p.Members {
			if operand < m.Reads || result < len(m.Loop.Results) {
				return operand < m.Reads && result < len(m.Loop.Results)
			}
			operand -= m.Reads
			result -= len(m.Loop.Results)
		}
	}
	return false
}
