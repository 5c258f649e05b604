package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// loopSpace is the index space of a loop: rows of inner elements, in row-major order.
// All rows may share an operand that is one row. A reduction combines all elements of
// a row or none of them.
type loopSpace struct {
	rows, inner int
	outer       lower.Shape // the axes before a row
}

// spaceOf splits a shape into the longest possible rows.
func spaceOf(shape lower.Shape, operands []plan.Layout, reductions []*lower.Reduce) loopSpace {
	first := 0 // the first axis that a row may have, for all reductions
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

// productSpace is the space of a loop on a product [M,N], with rows of N elements. On a
// batch of products [...,M,N], a row is a whole product if operands and reductions allow
// that.
func productSpace(shape lower.Shape, operands []plan.Layout, reductions []*lower.Reduce) loopSpace {
	axis := len(shape) - 1
	if axis > 1 && len(spaceOf(shape, operands, reductions).outer) < axis {
		axis--
	}
	return loopSpace{rows: shape[:axis].Size(), inner: shape[axis:].Size(), outer: shape[:axis]}
}

// uniformFrom returns the first axis from which on either all axes are reduced or
// none is, ignoring axes of extent 1.
func uniformFrom(shape lower.Shape, combined []int) int {
	a := len(shape)
	state := -1
	for a > 0 {
		if shape[a-1] > 1 {
			axisState := 0
			if slices.Contains(combined, a-1) {
				axisState = 1
			}
			if state >= 0 && axisState != state {
				break
			}
			state = axisState
		}
		a--
	}
	return a
}

// broadcastAxis returns the first axis of a contiguous operand that is broadcast
// along all axes before it.
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

// uniform reports whether an operand is the same number for all elements.
func uniform(l plan.Layout) bool {
	for i, n := range l.Shape {
		if n > 1 && l.Strides[i] != 0 {
			return false
		}
	}
	return true
}

// contiguous reports whether an operand is in row-major order without gaps.
func contiguous(l plan.Layout) bool {
	return lower.Array[float32]{Shape: l.Shape, Strides: l.Strides}.Contiguous()
}

// access is how a loop reads an operand.
type access uint8

const (
	byElement access = iota // in place
	byRow                   // one row, which all rows share
	byScalar                // one number
	byCopy                  // copied, a block at a time
	byBlock                 // passed by the caller, in scratch memory
	byStretch               // filled, a stretch of equal elements at a time
)

// accessOf returns how a loop over the space reads an operand.
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
