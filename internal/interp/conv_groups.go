package interp

import "github.com/stheno-ml/stheno/lower"

// runGroups runs a convolution group by group. The operands are cut into groups of
// channels along axes, the result along axis.
func runGroups[T lower.Float](g lower.Geometry, in []lower.Array[T], axes [2]int, out lower.Array[T], axis int, run func(in [2]lower.Array[T], out lower.Array[T])) {
	groups := g.ChannelGroups()
	if groups == 1 {
		run([2]lower.Array[T]{in[0], in[1]}, out)
		return
	}
	for k := range groups {
		var of [2]lower.Array[T]
		for i, a := range axes {
			of[i] = groupOf(in[i], a, k, groups)
		}
		to := groupOf(out, axis, k, groups)
		part := lower.NewArray[T](to.Shape)
		run(of, part)
		adjacent := to.Shape[axis:].Size()
		for i := range to.Shape[:axis].Size() {
			copy(out.Data[(i*groups+k)*adjacent:][:adjacent], part.Data[i*adjacent:])
		}
	}
}

// groupOf is group k of an array that is cut into groups along an axis.
func groupOf[T lower.Float](a lower.Array[T], axis, k, groups int) lower.Array[T] {
	n := a.Shape[axis] / groups
	shape := a.Shape.Clone()
	shape[axis] = n
	return lower.View(lower.Slice{Axis: axis, Start: k * n, Stop: (k + 1) * n, Step: 1}, a, shape)
}
