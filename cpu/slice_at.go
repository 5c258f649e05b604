package cpu

import (
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// sliceAtStep copies a slice whose bounds are an operand.
type sliceAtStep[T lower.Float] struct {
	prim    lower.SliceAt
	extent  int // of the operand along the axis
	strides []int
	from    lower.Array[T]
	out     []T
}

func newSliceAtStep[T lower.Float](p lower.SliceAt, from, to lower.Shape) *sliceAtStep[T] {
	return &sliceAtStep[T]{prim: p, extent: from[p.Axis], strides: make([]int, len(to)), from: lower.Array[T]{Shape: to}}
}

func (s *sliceAtStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	start, step, err := bounds(in[1], s.prim.Count, s.extent)
	if err != nil {
		return err
	}
	copy(s.strides, in[0].Strides)
	s.strides[s.prim.Axis] *= step
	s.from.Strides, s.from.Data = s.strides, in[0].Data
	s.from.Off = in[0].Off + start*in[0].Strides[s.prim.Axis]
	size := s.from.Shape.Size()
	s.out = out[0].Data[out[0].Off:][:size]
	t.Run(s, (size+copyGrain-1)/copyGrain)
	return nil
}

// Do copies the elements of one part.
func (s *sliceAtStep[T]) Do(part, _ int) {
	at := part * copyGrain
	s.from.CopyRange(s.out[at:min(at+copyGrain, len(s.out))], at)
}

// placeAtStep writes its operand into zeros, at the position that another operand
// gives.
type placeAtStep[T lower.Float] struct {
	prim  lower.PlaceAt
	count int // extent of the operand along the axis
	inner int // elements of one step along the axis

	start, step int // of the current run
	in          lower.Array[T]
	out         []T
}

func newPlaceAtStep[T lower.Float](p lower.PlaceAt, from, to lower.Shape) *placeAtStep[T] {
	return &placeAtStep[T]{prim: p, count: from[p.Axis], inner: to[p.Axis+1:].Size()}
}

func (s *placeAtStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	var err error
	if s.start, s.step, err = bounds(in[1], s.count, s.prim.Extent); err != nil {
		return err
	}
	size := out[0].Shape.Size()
	s.in, s.out = in[0], out[0].Data[out[0].Off:][:size]
	t.Run(s, (size+copyGrain-1)/copyGrain)
	return nil
}

// Do computes the elements of one part of the result.
func (s *placeAtStep[T]) Do(part, _ int) {
	first := part * copyGrain
	last := min(first+copyGrain, len(s.out))
	clear(s.out[first:last])
	pieces, piece := 1, s.count*s.inner // contiguous pieces per slice along the axis, and the elements of one
	if s.step > 1 {
		pieces, piece = s.count, s.inner
	}
	row := s.prim.Extent * s.inner
	for o := first / row; o*row < last; o++ {
		for k := range pieces {
			at := o*row + (s.start+k*s.step)*s.inner
			if lo, hi := max(at, first), min(at+piece, last); lo < hi {
				s.in.CopyRange(s.out[lo:hi], (o*pieces+k)*piece+lo-at)
			}
		}
	}
}

// bounds reads the bounds of a slice of count elements.
func bounds[T lower.Float](words lower.Array[T], count, extent int) (start, step int, err error) {
	var w [4]T
	words.CopyRange(w[:], 0)
	return lower.ReadSlice(w[:], count, extent)
}
