package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
)

// stripe is how many bytes of images an op computes before the ops that read
// them go on: they are then still in the nearest cache.
const stripe = 32 << 10

// minPipelinedBytes is the size in bytes of images from which it pays to read them row
// by row as they come.
const minPipelinedBytes = 64 << 10

// schedule puts the ops in chains. In a chain each op follows the one that
// feeds it by rows; a chain has everything else that it reads from chains
// before. An op that is ready and can follow the chain at hand does so, sums
// first; what needs all rows at once waits for the chain's end.
func (b *regionBuilder) schedule() {
	from := map[*imageBuffer]*regionNode{}
	for _, n := range b.ops {
		for _, x := range n.writes {
			from[x] = n
		}
	}
	placed := map[*regionNode]bool{}
	left := slices.Clone(b.ops)
	for len(left) > 0 {
		chain := []*regionNode{b.chainHead(left, placed, from)}
		for chain[0].rows > 0 {
			next := follower(chain, left, placed, from)
			if next == nil {
				break
			}
			chain = append(chain, next)
		}
		for _, n := range chain {
			placed[n] = true
		}
		left = slices.DeleteFunc(left, func(n *regionNode) bool { return placed[n] })
		b.chain(chain, from)
	}
	b.place()
}

// chainHead returns the op that begins the next chain: one that only reads, so that
// what it reads can make room, or else the first that is ready.
func (b *regionBuilder) chainHead(left []*regionNode, placed map[*regionNode]bool, from map[*imageBuffer]*regionNode) *regionNode {
	var first *regionNode
	for _, n := range left {
		if !inputsPlaced(n, nil, placed, from) {
			continue
		}
		if len(n.writes) == 0 {
			return n
		}
		if first == nil {
			first = n
		}
	}
	return first
}

// inputsPlaced reports whether all that an op reads is computed, or is in the chain.
func inputsPlaced(n *regionNode, chain []*regionNode, placed map[*regionNode]bool, from map[*imageBuffer]*regionNode) bool {
	for _, r := range n.reads {
		if w := from[r.from]; !placed[w] && !slices.Contains(chain, w) {
			return false
		}
	}
	return true
}

// follower returns an op that can follow the chain row by row, if there is one.
func follower(chain, left []*regionNode, placed map[*regionNode]bool, from map[*imageBuffer]*regionNode) *regionNode {
	var best *regionNode
	for _, n := range left {
		if n.rows == 0 || slices.Contains(chain, n) || !inputsPlaced(n, chain, placed, from) {
			continue
		}
		large := false
		for _, r := range n.reads {
			large = large || slices.Contains(chain, from[r.from]) && 4*r.from.Len() >= minPipelinedBytes
		}
		if large && (best == nil || len(n.writes) == 0 && len(best.writes) > 0) {
			best = n
		}
	}
	return best
}

// chain adds the moves of a chain: the first op computes a stripe, then each of
// the others as many rows as it can.
func (b *regionBuilder) chain(ops []*regionNode, from map[*imageBuffer]*regionNode) {
	number := b.chains
	b.chains++
	for _, n := range ops {
		for _, x := range n.writes {
			r := x.root()
			if x.alias == nil {
				r.first = number
				b.placed = append(b.placed, x)
				if x.zeros {
					b.moves = append(b.moves, move{&haloOp{x}, 0, 0, n.number})
				}
			}
			r.last = number
		}
		for _, r := range n.reads {
			r.from.root().last = number
		}
	}
	if ops[0].rows == 0 {
		b.moves = append(b.moves, move{ops[0].regionOp, 0, 0, ops[0].number})
		return
	}
	widest := 1
	for _, n := range ops {
		for _, x := range n.writes {
			widest = max(widest, 4*x.Row())
		}
	}
	step := max(1, stripe/widest)
	have := map[*regionNode]int{}
	for have[ops[0]] < ops[0].rows {
		for i, n := range ops {
			to := n.rows
			if i == 0 {
				to = min(have[n]+step, n.rows)
			}
			for to > have[n] && !rowsAvailable(n, to, have, ops, from) {
				to--
			}
			if to > have[n] {
				b.moves = append(b.moves, move{n.regionOp, have[n], to, n.number})
				have[n] = to
			}
		}
	}
}

// rowsAvailable reports whether rows up to to of an op can be computed from the rows that
// the ops of its chain have.
func rowsAvailable(n *regionNode, to int, have map[*regionNode]int, chain []*regionNode, from map[*imageBuffer]*regionNode) bool {
	for _, r := range n.reads {
		if w := from[r.from]; slices.Contains(chain, w) && have[w] < r.rows(to) {
			return false
		}
	}
	return true
}

// place gives the images their places in the arena of a worker.
func (b *regionBuilder) place() {
	spans := make([]plan.Span, len(b.placed))
	for i, x := range b.placed {
		spans[i] = plan.Span{Size: x.Len(), First: x.first, Last: x.last}
	}
	var base []int
	base, b.arena = plan.Fit(spans)
	b.least = plan.Least(spans)
	for i, x := range b.placed {
		x.base = base[i]
	}
	for _, n := range b.ops {
		for _, x := range n.writes {
			x.base = x.root().base
		}
	}
}
