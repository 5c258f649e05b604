package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Results that need no memory in the arena, because steps compute them directly in
// their final memory.

// minFreshElements is the size of a published value, in elements, from which fresh
// memory in each run is cheaper than a copy from the arena.
const minFreshElements = 1 << 12

// usage says which steps compute and read the memory of a plan's values.
type usage struct {
	views    [][]lower.Value // by root: the values in its memory, the root included
	maker    []int           // by value: the step that computes it
	readers  [][]int         // by root: the steps that read it, in order
	returned []int           // by value: how often the function returns it
}

func (p *Plan) usage() usage {
	n := len(p.Values)
	u := usage{make([][]lower.Value, n), make([]int, n), make([][]int, n), make([]int, n)}
	for v, l := range p.Values {
		u.views[l.Root] = append(u.views[l.Root], lower.Value(v))
	}
	for i, s := range p.Steps {
		for _, v := range s.Out {
			u.maker[v] = i
		}
		for _, v := range s.In {
			root := p.Values[v].Root
			if k := u.readers[root]; len(k) == 0 || k[len(k)-1] != i {
				u.readers[root] = append(k, i)
			}
		}
	}
	for _, v := range p.Func.Results() {
		u.returned[v]++
	}
	return u
}

// placeKept places large published values in fresh memory.
func (p *Plan) placeKept(u usage) {
	for i, root := range p.Func.Results()[:p.Published()] {
		if l := p.Values[root]; l.Place != Arena || l.Root != root || l.Shape.Size() < minFreshElements {
			continue
		}
		for _, v := range u.views[root] {
			p.Values[v].Place, p.Values[v].Kept = Fresh, i
		}
	}
}

// placeUpdates places a parameter's next value in the parameter's memory. This is
// safe if no later step reads the old value, and if the step itself reads an element
// only when it writes that element.
func (p *Plan) placeUpdates(u usage) {
	inputs := map[*graph.Node]lower.Value{}
	for i, s := range p.Inputs {
		if s.Node != nil {
			inputs[s.Node] = lower.Value(i)
		}
	}
	for i, next := range p.Func.Results()[len(p.Kept):][:len(p.Updates)] {
		l := p.Values[next]
		old, reads := inputs[p.Updates[i].Node]
		if l.Place != Arena || l.Root != next || u.returned[next] > 1 || reads && p.readLater(u, old, next) {
			continue
		}
		for _, v := range u.views[next] {
			p.Values[v].Place, p.Values[v].Update = State, i
		}
	}
}

// readLater reports whether the old value must outlive the step that computes the
// next.
func (p *Plan) readLater(u usage, old, next lower.Value) bool {
	if slices.ContainsFunc(u.views[old], func(v lower.Value) bool { return u.returned[v] > 0 }) {
		return true
	}
	step := u.maker[next]
	return slices.ContainsFunc(u.readers[old], func(i int) bool {
		return i > step || i == step && !p.readsInStep(p.Steps[i], old, next)
	})
}

// readsInStep reports whether a step that computes next reads each element of old
// only when it writes that element.
func (p *Plan) readsInStep(s Step, old, next lower.Value) bool {
	maker := slices.Index(s.Out, next)
	for k, v := range s.In {
		l := p.Values[v]
		if l.Root == old && !(readsElementwise(s.Prim, k, maker) && l.readable() && l.Off == 0 && l.Shape.Size() == p.Func.Shape(next).Size()) {
			return false
		}
	}
	return true
}

// readsElementwise reports whether a step reads an element of its operand no later
// than it writes that element of its result.
func readsElementwise(p lower.Prim, operand, result int) bool {
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
