package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// copyGrain is how many elements are one part of a step that copies, about.
const copyGrain = 1 << 14

// reorder copies elements of a shape from one order in memory to another: in as few
// loops as there can be, of which the inner are a stretch, a transpose or strided.
type reorder[T lower.Float] struct {
	transpose func(dst []T, dstStep int, src []T, srcStep, rows, cols int) // nil where there is none
	outer     []reorderAxis                                                // the last is the fastest
	across    reorderAxis                                                  // of a transpose: along which src is dense
	along     reorderAxis                                                  // along which dst is dense, if it is
	piece     int                                                          // of across, or else of along, that is done at a time
	pieces    int
	items     int // pieces of all outer loops
	grain     int // of them in a part
	parts     int
	from, to  int // where the first element is
}

// reorderAxis is a loop of n, and how far apart the elements are.
type reorderAxis struct{ n, src, dst int }

// newReorder plans to copy what lies as src says, to dst, both of one shape.
func newReorder[T lower.Float](isa kernel.ISA, src, dst plan.Layout) *reorder[T] {
	m := &reorder[T]{from: src.Off, to: dst.Off, across: reorderAxis{n: 1}, along: reorderAxis{1, 1, 1}, items: 1}
	axes := reorderAxes(src, dst)
	if n := len(axes); n > 0 {
		m.along, axes = axes[n-1], axes[:n-1]
	}
	dense := func(a reorderAxis) bool { return a.src == 1 && a.n >= minAcross }
	if i := slices.IndexFunc(axes, dense); i >= 0 && m.along.dst == 1 && m.along.src > 1 && m.along.n >= minAcross {
		m.transpose, m.across = kernel.Transpose[T](isa), axes[i]
		axes = slices.Delete(axes, i, i+1)
	}
	m.outer = axes
	cut, other := m.cut()
	m.piece = min(cut.n, max(minPiece, copyGrain/other.n))
	m.pieces = (cut.n + m.piece - 1) / m.piece
	m.items = m.pieces
	for _, a := range m.outer {
		m.items *= a.n
	}
	m.grain = max(1, copyGrain/(m.piece*other.n))
	m.parts = (m.items + m.grain - 1) / m.grain
	return m
}

const (
	// minAcross is the least rows and columns of a transpose.
	minAcross = 4
	// minPiece is the least of a loop that is done at a time, if there is more.
	minPiece = 64
)

// cut returns the inner loop that is done in pieces, and the other.
func (m *reorder[T]) cut() (cut, other reorderAxis) {
	if m.transpose != nil {
		return m.across, m.along
	}
	return m.along, m.across
}

// reorderAxes are the loops of a copy, in the order of dst, those that can be joined
// to one.
func reorderAxes(src, dst plan.Layout) []reorderAxis {
	var axes []reorderAxis
	for i, n := range src.Shape {
		if n > 1 {
			axes = append(axes, reorderAxis{n, src.Strides[i], dst.Strides[i]})
		}
	}
	slices.SortStableFunc(axes, func(a, b reorderAxis) int { return b.dst - a.dst })
	var out []reorderAxis
	for _, a := range axes {
		if k := len(out) - 1; k >= 0 && out[k].src == a.n*a.src && out[k].dst == a.n*a.dst {
			out[k] = reorderAxis{out[k].n * a.n, a.src, a.dst}
			continue
		}
		out = append(out, a)
	}
	return out
}

// do copies one part.
func (m *reorder[T]) do(part int, dst, src []T) {
	first := part * m.grain
	cut, _ := m.cut()
	piece, rest := first%m.pieces, first/m.pieces
	var few [12]int
	at := few[:]
	if len(m.outer) > len(few) {
		at = make([]int, len(m.outer))
	}
	from, to := m.from, m.to
	for i, a := range slices.Backward(m.outer) {
		at[i] = rest % a.n
		rest /= a.n
		from, to = from+at[i]*a.src, to+at[i]*a.dst
	}
	for range min(m.grain, m.items-first) {
		done := piece * m.piece
		m.inner(dst, to+done*cut.dst, src, from+done*cut.src, min(m.piece, cut.n-done))
		if piece++; piece < m.pieces {
			continue
		}
		piece = 0
		for i, a := range slices.Backward(m.outer) {
			from, to = from+a.src, to+a.dst
			if at[i]++; at[i] < a.n {
				break
			}
			at[i] = 0
			from, to = from-a.n*a.src, to-a.n*a.dst
		}
	}
}

// inner runs the inner loops, of which one is cut to n.
func (m *reorder[T]) inner(dst []T, to int, src []T, from, n int) {
	a := m.along
	switch {
	case m.transpose != nil:
		m.transpose(dst[to:], m.across.dst, src[from:], a.src, n, a.n)
	case a.src == 1 && a.dst == 1:
		copy(dst[to:to+n], src[from:])
	default:
		for range n {
			dst[to] = src[from]
			from, to = from+a.src, to+a.dst
		}
	}
}

// reorderStep copies its operands to parts of its result, or its one operand in
// another order; where they do not fill the result, the rest becomes zero.
type reorderStep[T lower.Float] struct {
	moves []*reorder[T] // by operand
	first []int         // by operand: its first part; then the number of all
	zeros bool
	in    []lower.Array[T]
	out   []T
}

func newReorderStep[T lower.Float](zeros bool, moves ...*reorder[T]) *reorderStep[T] {
	s := &reorderStep[T]{moves: moves, zeros: zeros, first: []int{0}}
	for i, m := range moves {
		s.first = append(s.first, s.first[i]+m.parts)
	}
	return s
}

func (s *reorderStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in, out[0].Data
	if s.zeros {
		clear(s.out[out[0].Off:][:out[0].Shape.Size()])
	}
	t.Run(s, s.first[len(s.moves)])
	return nil
}

// Do copies one part of an operand.
func (s *reorderStep[T]) Do(part, _ int) {
	i, found := slices.BinarySearch(s.first, part)
	if !found {
		i--
	}
	s.moves[i].do(part-s.first[i], s.out, s.in[i].Data)
}

// concat is a step that copies its operands one after the other along an axis.
func (m *maker[T]) concat(s plan.Step, p lower.Concat) step[T] {
	to := m.plan.Values[s.Out[0]]
	var moves []*reorder[T]
	for _, v := range s.In {
		from := m.plan.Values[v]
		moves = append(moves, newReorder[T](m.isa, from, plan.Layout{Shape: from.Shape, Strides: to.Strides, Off: to.Off}))
		to.Off += from.Shape[p.Axis] * to.Strides[p.Axis]
	}
	return newReorderStep(false, moves...)
}

// pad is a step that copies its operand into the middle of zeros.
func (m *maker[T]) pad(s plan.Step, p lower.Pad) step[T] {
	from, to := m.plan.Values[s.In[0]], m.plan.Values[s.Out[0]]
	for a, n := range p.Before {
		to.Off += n * to.Strides[a]
	}
	to.Shape = from.Shape
	return newReorderStep(true, newReorder[T](m.isa, from, to))
}

// copied is a step that copies an operand that does not lie in row-major order.
func (m *maker[T]) copied(s plan.Step) step[T] {
	return newReorderStep(false, newReorder[T](m.isa, m.plan.Values[s.In[0]], m.plan.Values[s.Out[0]]))
}
