package code

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// array says where an array lies: the address of its first element, and a
// stride for each axis of the space that it is used in.
type array struct {
	ref     Ref
	strides []int
}

// arrayOf is an array of a plan.
func arrayOf(l plan.Layout) array { return array{RefOf(l), l.Strides} }

// axis is an axis of the space that a part runs over: its extent, and each
// array's stride along it.
type axis struct {
	extent  int
	strides []int
}

// axesOf returns the axes of a shape over which arrays lie, outermost
// first, without those of extent 1. Two that are one stretch of
// memory for every array are joined.
func axesOf(shape lower.Shape, arrays []array) []axis {
	var axes []axis
	for a, n := range shape {
		if n == 1 {
			continue
		}
		x := axis{n, make([]int, len(arrays))}
		for i, of := range arrays {
			x.strides[i] = of.strides[a]
		}
		axes = append(axes, x)
	}
	return join(axes)
}

// join joins neighbours that are one stretch of memory for every array.
func join(axes []axis) []axis {
	var out []axis
	for _, x := range axes {
		k := len(out) - 1
		if k >= 0 && joins(out[k], x) {
			x.extent *= out[k].extent
			out[k] = x
			continue
		}
		out = append(out, x)
	}
	return out
}

func joins(outer, inner axis) bool {
	for i, s := range outer.strides {
		if s != inner.extent*inner.strides[i] {
			return false
		}
	}
	return true
}

// byMemory puts the axes along which the arrays are close together last. Axes
// that are equally close keep their order.
func byMemory(axes []axis) []axis {
	far := func(x axis) (sum int) {
		for _, s := range x.strides {
			sum += max(s, -s)
		}
		return sum
	}
	out := slices.Clone(axes)
	slices.SortStableFunc(out, func(a, b axis) int { return far(b) - far(a) })
	return join(out)
}

// size is the number of elements.
func size(axes []axis) int {
	n := 1
	for _, x := range axes {
		n *= x.extent
	}
	return n
}

// coordinates writes the position along each axis of element number at, in
// row-major order, and returns their names: at itself if there is one axis.
// Coordinates that are not needed are left out.
func coordinates(t *text, axes []axis, at string, needed func(axis int) bool) []string {
	names := make([]string, len(axes))
	if len(axes) == 1 {
		names[0] = at
		return names
	}
	rest := at
	for k := len(axes) - 1; k >= 0; k-- {
		names[k] = fmt.Sprintf("%s%d", at, k)
		position := rest
		if k > 0 {
			position += fmt.Sprintf(" %% %du", axes[k].extent)
		}
		if needed(k) {
			t.line("const int %s = %s;", names[k], position)
		}
		rest = fmt.Sprintf("%s / %du", at, size(axes[k:]))
	}
	return names
}

// all is for coordinates that are all needed.
func all(int) bool { return true }

// needsCoordinates tells coordinates which axes are needed by arrays number from to
// below to: those of arrays that are not in row-major order of the axes. For the
// others, position needs none.
func needsCoordinates(axes []axis, from, to int) func(axis int) bool {
	return func(k int) bool {
		for i := from; i < to; i++ {
			if axes[k].strides[i] != 0 && !inOrder(i, axes) {
				return true
			}
		}
		return false
	}
}

func inOrder(array int, axes []axis) bool {
	n := 1
	for k := len(axes) - 1; k >= 0; k-- {
		if axes[k].strides[array] != n {
			return false
		}
		n *= axes[k].extent
	}
	return true
}

// position is index, if names are the coordinates of element number at; for an
// array in row-major order of the axes it is at itself.
func position(array int, axes []axis, names []string, at string) string {
	if inOrder(array, axes) {
		return at
	}
	return index(array, axes, names)
}

// index is the sum of coordinates times strides of an array, in C; the array is
// given by its number in the space.
func index(array int, axes []axis, names []string) string {
	var terms []string
	if slices.ContainsFunc(axes, func(x axis) bool { return x.strides[array] < 0 }) {
		names = slices.Clone(names)
		for k, name := range names {
			names[k] = "int(" + name + ")" // signed, since it may be negative
		}
	}
	for k, x := range axes {
		switch s := x.strides[array]; s {
		case 0:
		case 1:
			terms = append(terms, names[k])
		default:
			terms = append(terms, fmt.Sprintf("%s * %d", names[k], s))
		}
	}
	if len(terms) == 0 {
		return "0"
	}
	return strings.ReplaceAll(strings.Join(terms, " + "), "+ -", "- ")
}
