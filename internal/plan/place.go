package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// align is the alignment of arrays in the arena, in elements: 16 float32s fill one
// cache line.
const align = 16

// span is the live range of a root's memory: from the step that computes it to the
// last step that reads it or a view of it, both included.
type span struct {
	root        lower.Value
	size        int
	first, last int
}

// spans returns the live ranges of the roots in the arena, by first step.
func (p *Plan) spans() []span {
	at := map[lower.Value]int{} // by root: its index in out
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

// Span is an array's size and its live range, both ends included.
type Span struct{ Size, First, Last int }

// Fit places spans in one arena so that spans that overlap in time do not overlap in
// memory. It returns the places and the arena's size. The largest span is placed
// first, at the lowest free place.
func Fit(spans []Span) (base []int, arena int) {
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return spans[b].Size - spans[a].Size })
	base = make([]int, len(spans))
	var placed []int // in ascending order of place
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

// place places every root. The next value of a parameter goes into the parameter's
// memory if that is safe, and a large published value into fresh memory. All others
// go into the arena.
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
