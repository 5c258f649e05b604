package lower

import "fmt"

// Selection of rows by index: an embedding takes rows of a table, and its gradient
// adds to them. Indices [N] are whole numbers from 0, in the arrays' own type. In
// float32 they can address up to 1<<24 rows.

// MaxRows returns the number of rows that an index of type T can address.
func MaxRows[T Float]() int {
	var zero T
	if _, double := any(zero).(float64); double {
		return 1 << 53
	}
	return 1 << 24
}

// Gather takes rows of one axis of its first operand. Its second operand, the indices
// [N], selects them; a row may be selected several times. A row outside of the axis
// is NaN.
type Gather struct{ Axis int }

func (p Gather) String() string { return fmt.Sprintf("gather[axis %d]", p.Axis) }

// Infer requires an array with the axis, and indices.
func (p Gather) Infer(in []Shape) ([]Shape, error) {
	if err := checkIndices(in, p.Axis); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	out[p.Axis] = in[1][0]
	return []Shape{out}, nil
}

// ScatterAdd is the gradient of Gather. It starts from Extent rows of zeros and adds
// the rows of its first operand to the rows that its second operand, the indices [N],
// selects, in the order of the indices. An index outside of Extent is ignored.
type ScatterAdd struct{ Axis, Extent int }

func (p ScatterAdd) String() string {
	return fmt.Sprintf("scatter_add[axis %d, to %d]", p.Axis, p.Extent)
}

// Infer requires an array with a row for each index.
func (p ScatterAdd) Infer(in []Shape) ([]Shape, error) {
	if err := checkIndices(in, p.Axis); err != nil {
		return nil, err
	}
	if in[0][p.Axis] != in[1][0] || p.Extent < 1 {
		return nil, fmt.Errorf("%d rows and %d indices into %d rows", in[0][p.Axis], in[1][0], p.Extent)
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

// RowAt returns the row that an index selects among that many rows, or -1 if there is
// none.
func RowAt[T Float](index T, rows int) int {
	if index >= 0 && index < T(rows) {
		return int(index)
	}
	return -1
}
