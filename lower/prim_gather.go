package lower

import "fmt"

// Rows that are named by numbers: an embedding takes rows of a table, and its
// gradient adds to them. Indices [N] are whole numbers from 0 in the arrays' own
// type, which holds those of up to 1<<24 rows in float32.

// MaxRows is how many rows an index of T can tell apart.
func MaxRows[T Float]() int {
	var zero T
	if _, double := any(zero).(float64); double {
		return 1 << 53
	}
	return 1 << 24
}

// Gather takes the rows of one axis of its first operand that its second operand,
// indices [N], names; one may be named often. A row that is not there is NaN.
type Gather struct{ Axis int }

func (p Gather) String() string { return fmt.Sprintf("gather[axis %d]", p.Axis) }

// Infer wants an array with the axis, and indices.
func (p Gather) Infer(in []Shape) ([]Shape, error) {
	if err := checkIndices(in, p.Axis); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	out[p.Axis] = in[1][0]
	return []Shape{out}, nil
}

// ScatterAdd is the gradient of Gather: it adds the rows of its first operand to
// the rows of zeros, of which there are Extent, that its second operand, indices
// [N], names, in the order of the indices. One that is not there is left out.
type ScatterAdd struct{ Axis, Extent int }

func (p ScatterAdd) String() string {
	return fmt.Sprintf("scatter_add[axis %d, to %d]", p.Axis, p.Extent)
}

// Infer wants an array with a row for each index.
func (p ScatterAdd) Infer(in []Shape) ([]Shape, error) {
	if err := checkIndices(in, p.Axis); err != nil {
		return nil, err
	}
	if in[0][p.Axis] != in[1][0] || p.Extent < 1 {
		return nil, fmt.Errorf("%d rows for %d indices of %d", in[0][p.Axis], in[1][0], p.Extent)
	}
	out := in[0].Clone()
	out[p.Axis] = p.Extent
	return []Shape{out}, nil
}

func checkIndices(in []Shape, a int) error {
	if err := checkOperands(in, 2); err != nil {
		return err
	}
	if len(in[1]) != 1 {
		return fmt.Errorf("indices have shape %v, want one axis", in[1])
	}
	return checkAxis(in[0], a)
}

// RowAt is the row that an index names, -1 if it names none of so many.
func RowAt[T Float](index T, rows int) int {
	if index >= 0 && index < T(rows) {
		return int(index)
	}
	return -1
}
