package lower

import "fmt"

// Slices whose bounds are known only at run time. An operand has the bounds [4], as
// SliceWords writes them.

// SliceAt takes Count elements of one axis of its first operand. Its second operand
// has the start and the step. It is a Slice with bounds at run time, and not a view.
type SliceAt struct{ Axis, Count int }

func (p SliceAt) String() string { return fmt.Sprintf("slice[axis %d, %d at]", p.Axis, p.Count) }

// Infer requires an array with room for the elements, and bounds.
func (p SliceAt) Infer(in []Shape) ([]Shape, error) {
	if err := checkBounds(in, p.Axis); err != nil {
		return nil, err
	}
	if p.Count < 1 || p.Count > in[0][p.Axis] {
		return nil, fmt.Errorf("%d elements are not within extent %d", p.Count, in[0][p.Axis])
	}
	out := in[0].Clone()
	out[p.Axis] = p.Count
	return []Shape{out}, nil
}

// PlaceAt is the gradient of SliceAt. It puts the elements of its first operand among
// zeros along one axis, which gets the extent Extent. Its second operand has the
// start and the step.
type PlaceAt struct{ Axis, Extent int }

func (p PlaceAt) String() string { return fmt.Sprintf("place[axis %d, among %d at]", p.Axis, p.Extent) }

// Infer requires an array that fits into Extent, and bounds.
func (p PlaceAt) Infer(in []Shape) ([]Shape, error) {
	if err := checkBounds(in, p.Axis); err != nil {
		return nil, err
	}
	if p.Extent < in[0][p.Axis] {
		return nil, fmt.Errorf("%d elements are not within extent %d", in[0][p.Axis], p.Extent)
	}
	out := in[0].Clone()
	out[p.Axis] = p.Extent
	return []Shape{out}, nil
}

func checkBounds(in []Shape, a int) error {
	if err := checkOperands(in, 2); err != nil {
		return err
	}
	if !in[1].Equal(Shape{4}) {
		return fmt.Errorf("bounds have shape %v, want [4]", in[1])
	}
	return checkAxis(in[0], a)
}

// SliceWords returns the words of a slice with that start and step.
func SliceWords(start, step int) [4]float64 { return ClockWords(uint32(start), uint32(step)) }

// ReadSlice reads the start and the step of a slice of count elements from its words.
// A slice that does not fit the extent is an error.
func ReadSlice[T Float](words []T, count, extent int) (start, step int, err error) {
	first, stride, err := ReadClock(words)
	if err != nil {
		return 0, 0, err
	}
	start, step = int(first), int(stride)
	if step < 1 || start+(count-1)*step >= extent {
		return 0, 0, fmt.Errorf("a slice of %d from %d in steps of %d is not within extent %d", count, start, step, extent)
	}
	return start, step, nil
}
