package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
)

// stripeBytes is how much of its result an op computes before its readers continue,
// so that they find it in the first-level cache.
const stripeBytes = 32 << 10

// minPipelinedBytes is the least size of images that are worth reading row by row
// while they are computed.
const minPipelinedBytes = 64 << 10

// schedule puts the ops in chains. Within a chain, each op follows its producer row
// by row. Everything else that it reads comes from earlier chains. An op whose inputs
// are placed joins the current chain if it can, sums first. An op that needs all rows
// at once waits for the end of the chain.
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

// chainHead returns the op that begins the next chain: one that only reads, which
// frees its operands, or else the first whose inputs are placed.
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

// inputsPlaced reports whether everything that an op reads is computed or in the
// chain.
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

// chain adds the stripes of a chain. The first op computes a stripe, then each other
// op as many rows as it can.
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
					b.stripes = append(b.stripes, stripe{&haloOp{x}, 0, 0, n.number})
				}
			}
			r.last = number
		}
		for _, r := range n.reads {
			r.from.root().last = number
		}
	}
	if ops[0].rows == 0 {
		b.stripes = append(b.stripes, stripe{ops[0].regionOp, 0, 0, ops[0].number})
		return
	}
	widest := 1
	for _, n := range ops {
		for _, x := range n.writes {
			widest = max(widest, 4*x.Row())
		}
	}
	step := max(1, stripeBytes/widest)
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
				b.stripes = append(b.stripes, stripe{n.regionOp, have[n], to, n.number})
				have[n] = to
			}
		}
	}
}

// rowsAvailable reports whether the rows of an op before to can be computed from the
// rows that the ops of its chain have computed.
func rowsAvailable(n *regionNode, to int, have map[*regionNode]int, chain []*regionNode, from map[*imageBuffer]*regionNode) bool {
	for _, r := range n.reads {
		if w := from[r.from]; slices.Contains(chain, w) && have[w] < r.rows(to) {
			return false
		}
	}
	return true
}

// place assigns the images to places in a worker's arena.
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
