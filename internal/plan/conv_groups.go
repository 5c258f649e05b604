package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// geometryOf is the geometry of a convolution or its gradient; zero for any other
// primitive.
func geometryOf(p lower.Prim) lower.Geometry {
	switch p := p.(type) {
	case lower.Conv:
		return p.Geometry
	case lower.ConvData:
		return p.Geometry
	case lower.ConvFilter:
		return p.Geometry
	}
	return lower.Geometry{}
}

// splitGroups writes out convolutions within groups of channels that the machine does
// not run.
func (t Target) splitGroups(old *lower.Func) (*lower.Func, error) {
	if !slices.ContainsFunc(old.Steps(), func(s lower.Step) bool { return geometryOf(s.Prim).Groups > 1 }) {
		return old, nil
	}
	return stepwise(t.writeGroups)(old)
}

// writeGroups writes a convolution with one channel in a group as elementwise steps,
// and any other as a convolution for each group.
func (t Target) writeGroups(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	g := geometryOf(s.Prim)
	if g.Groups <= 1 || t.Regions > 0 && r.Shape(in[0])[0] >= t.Regions {
		return r.copyStep(s, in)
	}
	x, y := r.Shape(in[0]), r.old.Shape(s.Out[0])
	if t.runsDepthwise(s.Prim, x, r.Shape(in[1]), y) {
		return r.copyStep(s, in)
	}
	n := g.Groups
	switch p := s.Prim.(type) {
	case lower.Conv:
		if x[1] == n {
			return []lower.Value{depthwise(r.Func, g, in[0], in[1])}
		}
		p.Groups = 0
		return r.byGroup(p, in, [2]int{1, 0}, 1, n)
	case lower.ConvData:
		if y[1] == n {
			return []lower.Value{depthwiseData(r.Func, p, in[0], in[1])}
		}
		p.Groups = 0
		return r.byGroup(p, in, [2]int{1, 0}, 1, n)
	case lower.ConvFilter:
		if x[1] == n {
			return []lower.Value{depthwiseFilter(r.Func, p, in[0], in[1])}
		}
		p.Groups = 0
		return r.byGroup(p, in, [2]int{1, 1}, 0, n)
	}
	return r.copyStep(s, in)
}

// runsDepthwise reports whether the machine runs a convolution or its gradient, of those
// operands and that result, as depthwise.
func (t Target) runsDepthwise(p lower.Prim, a, b, out lower.Shape) bool {
	if t.Depthwise == nil {
		return false
	}
	switch p := p.(type) {
	case lower.Conv:
		return t.Depthwise(p.Geometry, a, b, out)
	case lower.ConvData:
		return t.Depthwise(p.Geometry, out, b, a)
	case lower.ConvFilter:
		return t.Depthwise(p.Geometry, a, out, b)
	}
	return false
}

// byGroup applies p to each of n slices of its two operands along axes, and joins the
// results along axis.
func (r *rewriter) byGroup(p lower.Prim, in []lower.Value, axes [2]int, axis, n int) []lower.Value {
	slice := func(i, k int) lower.Value {
		size := r.Shape(in[i])[axes[i]] / n
		return r.Slice(in[i], axes[i], k*size, (k+1)*size, 1)
	}
	var parts []lower.Value
	for k := range n {
		parts = append(parts, r.Apply(p, slice(0, k), slice(1, k))[0])
	}
	return []lower.Value{r.Concat(axis, parts...)}
}
