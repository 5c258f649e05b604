package cpu

import (
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// copyGrain is how many elements are one part of a step that copies, about.
const copyGrain = 1 << 14

// concatStep copies its operands one after the other along an axis.
type concatStep[T lower.Float] struct {
	outer int // stretches of each operand
	row   int // elements of the stretches of all operands
	grain int // stretches of a part
	parts int // of an operand
	in    []lower.Array[T]
	out   []T
}

func newConcatStep[T lower.Float](p lower.Concat, shape lower.Shape) *concatStep[T] {
	s := &concatStep[T]{outer: shape[:p.Axis].Size(), row: shape[p.Axis:].Size()}
	s.grain = max(1, copyGrain/s.row)
	s.parts = (s.outer + s.grain - 1) / s.grain
	return s
}

func (s *concatStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in, out[0].Data[out[0].Off:]
	t.Run(s, s.parts*len(in))
	return nil
}

// Do copies some stretches of an operand.
func (s *concatStep[T]) Do(part, _ int) {
	at := 0
	for i := range part / s.parts {
		at += s.in[i].Shape.Size() / s.outer
	}
	x := &s.in[part/s.parts]
	n := x.Shape.Size() / s.outer
	first := part % s.parts * s.grain
	for o := first; o < min(first+s.grain, s.outer); o++ {
		x.CopyRange(s.out[o*s.row+at:][:n], o*n)
	}
}

// padStep copies its operand into the middle of zeros, row by row.
type padStep[T lower.Float] struct {
	before []int
	from   lower.Shape // the operand's
	to     lower.Shape // the result's
	rows   int
	grain  int // rows of a part
	in     lower.Array[T]
	out    []T
}

func newPadStep[T lower.Float](p lower.Pad, from, to lower.Shape) *padStep[T] {
	s := &padStep[T]{before: p.Before, from: from, to: to, rows: 1}
	if r := len(to); r > 0 {
		s.rows = to[:r-1].Size()
		s.grain = max(1, copyGrain/to[r-1])
	} else {
		s.grain = 1
	}
	return s
}

func (s *padStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in[0], out[0].Data[out[0].Off:]
	t.Run(s, (s.rows+s.grain-1)/s.grain)
	return nil
}

// Do makes some rows of the result.
func (s *padStep[T]) Do(part, _ int) {
	last := len(s.to) - 1
	if last < 0 {
		s.in.CopyRange(s.out[:1], 0)
		return
	}
	width := s.to[last]
	for r := part * s.grain; r < min((part+1)*s.grain, s.rows); r++ {
		row := s.out[r*width : (r+1)*width]
		at, size, rest := 0, s.from[last], r
		inside := true
		for a := last - 1; a >= 0; a-- {
			i := rest%s.to[a] - s.before[a]
			rest /= s.to[a]
			inside = inside && i >= 0 && i < s.from[a]
			at += i * size
			size *= s.from[a]
		}
		if !inside {
			clear(row)
			continue
		}
		middle := row[s.before[last]:][:s.from[last]]
		clear(row[:s.before[last]])
		s.in.CopyRange(middle, at)
		clear(row[s.before[last]+s.from[last]:])
	}
}
