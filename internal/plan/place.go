package plan

import (
	"slices"

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
	u := p.usage()
	p.placeUpdates(u)
	p.placeKept(u)
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
