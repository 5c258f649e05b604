package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// Rows is a part of the function that runs on a few rows at a time. It runs all its
// steps for some rows, then all steps for the next, so that an array goes to memory
// only if other steps read it. A layer norm is one such part, and so is a softmax
// with the scale before it.
//
// All arrays of Body are matrices. Those with Count rows are taken some rows at a
// time. A result with a single row is a sum over the rows; an operand with a single
// row is the same for all rows.
type Rows struct {
	Count  int
	Body   *lower.Func
	Shapes []lower.Shape // of the results: as many elements as those of Body
}

// String lists the steps.
func (p Rows) String() string {
	return fmt.Sprintf("rows[%d]%s", p.Count, inBraces(p.Body))
}

// Infer takes operands of the body's shapes.
func (p Rows) Infer(in []lower.Shape) ([]lower.Shape, error) {
	if err := checkOperands(p.Body, in); err != nil {
		return nil, err
	}
	for i, v := range p.Body.Results() {
		if have, want := p.Body.Shape(v).Size(), p.Shapes[i].Size(); have != want {
			return nil, fmt.Errorf("result %d has %d elements, want %v", i, have, p.Shapes[i])
		}
	}
	return p.Shapes, nil
}

// Of returns the body for the given number of rows.
func (p Rows) Of(rows int) *lower.Func {
	resize := func(s lower.Shape) lower.Shape {
		if s[0] == p.Count {
			return lower.Shape{rows, s[1]}
		}
		return s
	}
	shapes := make([]lower.Shape, p.Body.Inputs())
	for i := range shapes {
		shapes[i] = resize(p.Body.Shape(lower.Value(i)))
	}
	f := lower.NewFunc(shapes...)
	for _, s := range p.Body.Steps() {
		prim := s.Prim
		if b, ok := prim.(lower.BroadcastTo); ok {
			prim = lower.BroadcastTo{To: resize(b.To)}
		}
		f.Apply(prim, s.In...)
	}
	f.Return(p.Body.Results()...)
	return f
}

// rowSpace is how a part of rows sees arrays: as matrices of count rows of width
// elements.
type rowSpace struct{ count, width int }

const (
	// minRows is the least number of rows that are worth splitting among workers.
	minRows = 64
	// maxRowWidth bounds a row, in elements, so that the arrays of a few rows fit
	// into the second-level cache.
	maxRowWidth = 1 << 13
)

// useful reports whether a part of such rows is faster than its steps one by one.
func (s rowSpace) useful() bool { return s.count >= minRows && s.width > 1 && s.width <= maxRowWidth }

// rowKind is the shape of an array as a matrix of a part.
type rowKind uint8

const (
	noRows   rowKind = iota // it cannot be read by rows
	fullRows                // [count, width]
	perRow                  // [count, 1]
	oneRow                  // [1, width]
	single                  // [1, 1]
)

// shape returns the shape of a kind of array.
func (s rowSpace) shape(k rowKind) lower.Shape {
	switch k {
	case perRow:
		return lower.Shape{s.count, 1}
	case oneRow:
		return lower.Shape{1, s.width}
	case single:
		return lower.Shape{1, 1}
	}
	return lower.Shape{s.count, s.width}
}

// cut returns the axis of an array of the shape that separates the rows, before it, from
// the elements of a row. ok is false if there is none.
func (s rowSpace) cut(shape lower.Shape) (axis int, ok bool) {
	n := 1
	for a, extent := range shape {
		if n == s.count {
			return a, shape[a:].Size() == s.width
		}
		n *= extent
	}
	return len(shape), n == s.count && s.width == 1
}

// kindOf returns the kind of an operand that a step reads as an array of count*width
// elements.
func (s rowSpace) kindOf(l Layout) rowKind {
	axis, ok := s.cut(l.Shape)
	if !ok {
		return noRows
	}
	rowStep, rows := denseStep(l, 0, axis)
	step, elements := denseStep(l, axis, len(l.Shape))
	switch {
	case !rows || !elements || step > 1:
		return noRows
	case rowStep == 0 && step == 0:
		return single
	case rowStep == 0:
		return oneRow
	case step == 0 && rowStep == 1:
		return perRow
	case step == 1 && rowStep == s.width:
		return fullRows
	}
	return noRows
}

// denseStep returns the stride of an array along the axes from to below to, taken as
// one axis. ok is false if no single stride describes them.
func denseStep(l Layout, from, to int) (step int, ok bool) {
	n, known := 1, false
	for a := to - 1; a >= from; a-- {
		switch {
		case l.Shape[a] == 1:
			continue
		case !known:
			step, known = l.Strides[a], true
		case l.Strides[a] != step*n:
			return 0, false
		}
		n *= l.Shape[a]
	}
	return step, step >= 0
}

// rowsOf returns the rows of a step that combines the elements of each row, such as a
// softmax or a sum over the last axes.
func rowsOf(s lower.Step, of *lower.Func) (rowSpace, bool) {
	if len(s.In) == 0 {
		return rowSpace{}, false
	}
	shape := of.Shape(s.In[0])
	if p, ok := s.Prim.(lower.Softmax); ok && p.Axis == len(shape)-1 {
		n := shape[p.Axis]
		return rowSpace{shape.Size() / n, n}, true
	}
	l, ok := LoopOf(s.Prim)
	if !ok {
		return rowSpace{}, false
	}
	for _, r := range l.Results {
		if r.Along == nil || len(r.Along.Axes) == 0 || slices.Contains(r.Along.Axes, 0) {
			continue
		}
		first := slices.Min(r.Along.Axes)
		return rowSpace{shape[:first].Size(), shape[first:].Size()}, true
	}
	return rowSpace{}, false
}

// over returns the space of a step over arrays of the shape: that of the part, or one
// of rows with a single element.
func (s rowSpace) over(shape lower.Shape) rowSpace {
	if shape.Size() == s.count {
		return rowSpace{s.count, 1}
	}
	return s
}

// resultKinds returns the kinds of a step's results, or nil if it cannot run by rows.
func (s rowSpace) resultKinds(p lower.Prim, shape lower.Shape) []rowKind {
	s = s.over(shape)
	axis, ok := s.cut(shape)
	if !ok {
		return nil
	}
	if p, ok := p.(lower.Softmax); ok {
		if p.Axis != len(shape)-1 || shape[p.Axis] != s.width || s.width == 1 {
			return nil
		}
		return []rowKind{fullRows}
	}
	l, ok := LoopOf(p)
	if !ok {
		return nil
	}
	var kinds []rowKind
	for _, r := range l.Results {
		kind := fullRows
		if s.width == 1 {
			kind = perRow
		}
		if r.Along != nil {
			rows, all := reduced(shape, r.Along.Axes, 0, axis), reduced(shape, r.Along.Axes, axis, len(shape))
			switch {
			case rows == allAxes && (all == allAxes || s.width == 1):
				kind = single
			case rows == allAxes && all == noAxes:
				kind = oneRow
			case rows == noAxes && all == allAxes:
				kind = perRow
			default:
				return nil
			}
			if kind != perRow && r.Along.Kind != lower.ReduceSum {
				return nil
			}
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

const (
	noAxes = iota
	someAxes
	allAxes
)

// reduced reports whether none, some or all axes from to below to are among axes,
// ignoring those of extent 1.
func reduced(shape lower.Shape, axes []int, from, to int) int {
	in, out := false, false
	for a := from; a < to; a++ {
		if shape[a] == 1 {
			continue
		}
		if slices.Contains(axes, a) {
			in = true
		} else {
			out = true
		}
	}
	switch {
	case in && out:
		return someAxes
	case in:
		return allAxes
	}
	return noAxes
}
