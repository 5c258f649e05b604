package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// loopSpace is what a loop runs over: rows of inner elements, in row-major
// order. Along a row, an operand is in one stretch or the same number, and a
// result that is combined along axes is combined either whole or not at all.
type loopSpace struct {
	rows, inner int
	outer       lower.Shape // the axes that make the rows
}

// spaceOf divides a shape into rows, as long as can be.
func spaceOf(shape lower.Shape, operands []plan.Layout, reductions []*lower.Reduce) loopSpace {
	first := 0 // axis from which on all results agree
	for _, e := range reductions {
		if e != nil {
			first = max(first, uniformFrom(shape, e.Axes))
		}
	}
	axis := first
	for _, l := range operands {
		if a, ok := broadcastAxis(shape, l); ok && a > axis {
			axis = a
		}
	}
	return loopSpace{rows: shape[:axis].Size(), inner: shape[axis:].Size(), outer: shape[:axis]}
}

// uniformFrom returns the first axis from which on the axes are all combined, or all
// not, but for those of extent 1.
func uniformFrom(shape lower.Shape, combined []int) int {
	a := len(shape)
	state := -1
	for a > 0 {
		if shape[a-1] > 1 {
			now := 0
			if slices.Contains(combined, a-1) {
				now = 1
			}
			if state >= 0 && now != state {
				break
			}
			state = now
		}
		a--
	}
	return a
}

// broadcastAxis returns the first axis of an operand that is one stretch of memory
// which all rows before that axis read.
func broadcastAxis(shape lower.Shape, l plan.Layout) (axis int, ok bool) {
	n := 1
	a := len(shape)
	for ; a > 0 && (shape[a-1] == 1 || l.Strides[a-1] == n); a-- {
		n *= shape[a-1]
	}
	for k := range a {
		if shape[k] > 1 && l.Strides[k] != 0 {
			return 0, false
		}
	}
	return a, n > 1 && a > 0
}

// uniform reports whether an operand is one number.
func uniform(l plan.Layout) bool {
	for i, n := range l.Shape {
		if n > 1 && l.Strides[i] != 0 {
			return false
		}
	}
	return true
}

// contiguous reports whether an operand lies in row-major order without gaps.
func contiguous(l plan.Layout) bool {
	return lower.Array[float32]{Shape: l.Shape, Strides: l.Strides}.Contiguous()
}

// access is how a loop reads an operand.
type access uint8

const (
	byElement access = iota // as it lies
	byRow                   // one row, which all rows read
	byScalar                // one number
	byCopy                  // copied, a block at a time
	byBlock                 // given by the step, in scratch memory
	byStretch               // filled, a stretch of equal elements at a time
)

// accessOf returns how an operand is read in a space.
func accessOf(s loopSpace, shape lower.Shape, l plan.Layout) access {
	if uniform(l) {
		return byScalar
	}
	if contiguous(l) {
		return byElement
	}
	if a, ok := broadcastAxis(shape, l); ok && a == len(s.outer) {
		return byRow
	}
	return byCopy
}
