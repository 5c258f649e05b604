package plan

import (
	"errors"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// A program can change the bounds of a slice node between runs with
// gorgonia.UnsafeLet. The node of the slice's gradient has the same bounds. A slice
// is a view until its bounds change for the first time. Then they become an input,
// and can change in every run.

// stridedRange is a slice along one axis: count elements, step apart, from start on.
type stridedRange struct{ axis, start, count, step int }

// sliceOp is an op that takes a slice.
type sliceOp interface{ IsSlice() tensor.Slice }

// readRange reads the op's slice of an array of shape whole, of which part elements
// remain.
func (s *opContext) readRange(whole lower.Shape, part int) (stridedRange, bool) {
	op, ok := s.node.Op().(sliceOp)
	axis := s.int("along")
	switch {
	case !ok:
		s.err = fmt.Errorf("plan: Gorgonia's %s has no IsSlice as in version 0.9.18: use that version", s.kind)
	case s.err != nil:
	case axis < 0 || axis >= len(whole):
		s.host(fmt.Sprintf("axis %d is outside of shape %v", axis, whole))
	default:
		count := 0
		if part > 0 {
			count = part * whole[axis] / whole.Size()
		}
		return s.bounds(op, axis, count, whole[axis])
	}
	return stridedRange{}, false
}

// bounds reads the start and the step of a slice of count elements. If count is 0,
// the bounds decide how many elements there are.
func (s *opContext) bounds(op sliceOp, axis, count, extent int) (stridedRange, bool) {
	sl := op.IsSlice()
	start, count, step, err := sliceOf(sl, count, extent)
	if err != nil {
		s.err = fmt.Errorf("plan: node %s: %w", s.node.Name(), err)
		return stridedRange{}, false
	}
	if s.dynamic {
		node := s.node
		s.start(OpState{Bounds: func() ([4]float64, error) {
			start, _, step, err := sliceOf(op.IsSlice(), count, extent)
			if err != nil {
				err = fmt.Errorf("node %s: %w", node.Name(), err)
			}
			return lower.SliceWords(start, step), err
		}})
	} else {
		s.m.Changed = func() bool { return !sameSlice(op.IsSlice(), sl) }
	}
	return stridedRange{axis, start, count, step}, true
}

// sliceOf reads a slice of an axis. The graph was built for count elements, which
// also decides whether a last, incomplete step counts. If count is 0, the bounds
// decide.
func sliceOf(sl tensor.Slice, count, extent int) (start, n, step int, err error) {
	start, step = 0, 1
	end := extent
	if sl != nil && sl.End() > sl.Start() { // otherwise it is Gorgonia's ":"
		if start, end, step, err = tensor.SliceDetails(sl, extent); err != nil {
			return 0, 0, 0, err
		}
		step = max(step, 1)
	}
	n = (end - start + step - 1) / step
	if count > 0 && count != n && count != (end-start)/step {
		return 0, 0, 0, fmt.Errorf("the slice %d:%d:%d of an axis of %d takes %d elements, the graph was built for %d", start, end, step, extent, n, count)
	}
	if count > 0 {
		n = count
	}
	if n < 1 {
		return 0, 0, 0, errors.New("the slice is empty")
	}
	return start, n, step, nil
}

// sameSlice reports whether two slices of an axis are equal.
func sameSlice(a, b tensor.Slice) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Start() == b.Start() && a.End() == b.End() && a.Step() == b.Step()
}

func builtinSlice(s *opContext) lower.Value {
	if !s.hasOperands(1) {
		return 0
	}
	c, ok := s.readRange(s.in[0], s.out.Size())
	switch {
	case !ok:
		return 0
	case s.dynamic:
		return s.f.Apply(lower.SliceAt{Axis: c.axis, Count: c.count}, s.f.In(0), s.f.In(1))[0]
	}
	return s.f.Slice(s.f.In(0), c.axis, c.start, c.start+(c.count-1)*c.step+1, c.step)
}

// builtinSliceGrad has the operands x and g: the sliced array, of which only the
// shape is used, and the slice's gradient, which is padded with zeros.
func builtinSliceGrad(s *opContext) lower.Value {
	if !s.hasOperands(2) {
		return 0
	}
	part := s.in[1].Size()
	if part == 1 {
		part = 0 // possibly one number for all elements
	}
	c, ok := s.readRange(s.in[0], part)
	if !ok {
		return 0
	}
	f := s.f
	small := s.in[0].Clone()
	small[c.axis] = c.count
	var g lower.Value
	if part == 0 {
		g = f.Broadcast(f.Reshape(f.In(1)), small...)
	} else {
		g = f.Reshape(f.In(1), small...)
	}
	if s.dynamic {
		return f.Apply(lower.PlaceAt{Axis: c.axis, Extent: s.in[0][c.axis]}, g, f.In(2))[0]
	}
	return s.padAround(g, c, s.in[0][c.axis])
}

// padAround puts x's elements along an axis among zeros, in the places of c, up to
// extent.
func (s *opContext) padAround(x lower.Value, c stridedRange, extent int) lower.Value {
	x = s.interleaveZeros(x, c.axis, c.step)
	before := make([]int, len(s.f.Shape(x)))
	after := append([]int(nil), before...)
	before[c.axis], after[c.axis] = c.start, extent-c.start-s.f.Shape(x)[c.axis]
	return s.f.Pad(x, before, after)
}

// interleaveZeros puts step-1 zeros between x's elements along an axis.
func (s *opContext) interleaveZeros(x lower.Value, axis, step int) lower.Value {
	if step == 1 {
		return x
	}
	shape := s.f.Shape(x).Clone()
	split := append(append(shape[:axis+1].Clone(), 1), shape[axis+1:]...)
	before, after := make([]int, len(split)), make([]int, len(split))
	after[axis+1] = step - 1
	n := shape[axis]
	shape[axis] = n * step
	x = s.f.Reshape(s.f.Pad(s.f.Reshape(x, split...), before, after), shape...)
	return s.f.Slice(x, axis, 0, (n-1)*step+1, 1)
}
