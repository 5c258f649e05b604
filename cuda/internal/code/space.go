package code

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// axis is an axis of the space that a part runs over: its extent, and the
// stride along it of each of the arrays.
type axis struct {
	extent  int
	strides []int
}

// axesOf returns the axes of a shape over which arrays lie at the strides,
// outermost first, without those of extent 1. Two that are one stretch of
// memory for every array are joined.
func axesOf(shape lower.Shape, strides [][]int) []axis {
	var axes []axis
	for a, n := range shape {
		if n == 1 {
			continue
		}
		x := axis{n, make([]int, len(strides))}
		for i, s := range strides {
			x.strides[i] = s[a]
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

// byMemory puts the axes along which the arrays are close together last. It
// keeps the order of those that it cannot tell apart.
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
// row-major order, and returns their names: at itself where there is one axis.
func coordinates(t *text, axes []axis, at string) []string {
	names := make([]string, len(axes))
	if len(axes) == 1 {
		names[0] = at
		if slices.Min(axes[0].strides) < 0 {
			names[0] = at + "0"
			t.line("const int %s = %s;", names[0], at)
		}
		return names
	}
	rest := at
	for k := len(axes) - 1; k >= 0; k-- {
		names[k] = fmt.Sprintf("%s%d", at, k)
		if k == 0 {
			t.line("const int %s = %s;", names[k], rest)
			break
		}
		t.line("const int %s = %s %% %du;", names[k], rest, axes[k].extent)
		if rest == at {
			rest = fmt.Sprintf("%s / %du", at, axes[k].extent)
		} else {
			inner := size(axes[k:])
			rest = fmt.Sprintf("%s / %du", at, inner)
		}
	}
	return names
}

// index is the sum of coordinates times the strides of an array, in C.
func index(array int, axes []axis, names []string) string {
	var terms []string
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
