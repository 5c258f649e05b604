package plan

import "slices"

// Alive returns the memory that the spans need at each time, from 0 to the last time
// of any span.
func Alive(spans []Span) []int {
	last := 0
	for _, s := range spans {
		last = max(last, s.Last)
	}
	at := make([]int, last+2)
	for _, s := range spans {
		at[s.First] += s.Size
		at[s.Last+1] -= s.Size
	}
	for i := range at[1:] {
		at[i+1] += at[i]
	}
	return at[:last+1]
}

// Least returns the most memory that the spans need at one time. No arena for them
// can be smaller.
func Least(spans []Span) int { return slices.Max(Alive(spans)) }

// Alive returns how many elements of the arena are needed at each step.
func (p *Plan) Alive() []int {
	all := Alive(p.arenaSpans())
	for len(all) < len(p.Steps) {
		all = append(all, 0)
	}
	return all[:len(p.Steps)]
}

// arenaSpans returns the live range of each array in the arena, in the order of
// spans.
func (p *Plan) arenaSpans() []Span {
	all := p.spans()
	spans := make([]Span, len(all))
	for i, s := range all {
		spans[i] = Span{s.size, s.first, s.last}
	}
	return spans
}
