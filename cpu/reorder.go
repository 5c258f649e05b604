package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// copyGrain is the approximate number of elements in one part of a step that copies.
const copyGrain = 1 << 14

// reorder copies elements from one order in memory to another, with as few loops as
// possible. The inner loops are a contiguous copy, a transpose, or a strided copy.
type reorder[T lower.Float] struct {
	transpose func(dst []T, dstStep int, src []T, srcStep, rows, cols int) // nil if there is none
	outer     []reorderAxis                                                // the fastest last
	across    reorderAxis                                                  // the axis of a transpose along which src is contiguous
	along     reorderAxis                                                  // the axis along which dst is contiguous, if there is one
	piece     int                                                          // elements of across, or else of along, that are copied at a time
	pieces    int
	items     int // pieces of all outer loops
	grain     int // items per part
	parts     int
	from, to  int // offsets of the first element
}

// reorderAxis is a loop of n elements with strides src and dst.
type reorderAxis struct{ n, src, dst int }

// newReorder plans a copy between two layouts of the same shape.
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
	// minAcross is the least number of rows and columns of a transpose.
	minAcross = 4
	// minPiece is the least number of elements in a piece, if there are more in all.
	minPiece = 64
)

// cut returns the inner loop that is cut into pieces, and the other one.
func (m *reorder[T]) cut() (cut, other reorderAxis) {
	if m.transpose != nil {
		return m.across, m.along
	}
	return m.along, m.across
}

// reorderAxes are the loops of a copy in the order of dst, merged where possible.
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

// inner runs the inner loops. The one that is cut has n elements.
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

// reorderStep copies each operand to its part of the result, or its only operand in
// another order. If the operands do not fill the result, zeros is set and the rest is
// zero.
type reorderStep[T lower.Float] struct {
	moves []*reorder[T] // by operand
	first []int         // by operand: its first part; then the total
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

// concat plans a step that copies its operands one after the other along an axis.
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

// pad plans a step that copies its operand into zeros.
func (m *maker[T]) pad(s plan.Step, p lower.Pad) step[T] {
	from, to := m.plan.Values[s.In[0]], m.plan.Values[s.Out[0]]
	for a, n := range p.Before {
		to.Off += n * to.Strides[a]
	}
	to.Shape = from.Shape
	return newReorderStep(true, newReorder[T](m.isa, from, to))
}

// copied plans the copy of an operand that is not in row-major order.
func (m *maker[T]) copied(s plan.Step) step[T] {
	return newReorderStep(false, newReorder[T](m.isa, m.plan.Values[s.In[0]], m.plan.Values[s.Out[0]]))
}
