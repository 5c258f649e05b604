package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// joinSums replaces a sum of sums, or a maximum of maxima, by one over the axes
// of both. Between the two there may be reshapes that leave out axes of extent
// 1 or put some in.
func joinSums(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	outer, ok := s.Prim.(lower.Reduce)
	if !ok {
		return r.copyStep(s, in)
	}
	x, axes := in[0], slices.Clone(outer.Axes)
	for {
		v := x
		for int(v) >= r.Inputs() {
			if _, reshape := r.def[v].Prim.(lower.Reshape); !reshape {
				break
			}
			v = r.def[v].In[0]
		}
		if int(v) < r.Inputs() {
			break
		}
		inner, ok := r.def[v].Prim.(lower.Reduce)
		if !ok || inner.Kind != outer.Kind {
			break
		}
		at, ok := sameAxes(r.Shape(x), r.Shape(v))
		if !ok {
			break
		}
		both := slices.Clone(inner.Axes)
		for _, a := range axes {
			if at[a] >= 0 && !slices.Contains(both, at[a]) {
				both = append(both, at[a])
			}
		}
		x, axes = r.def[v].In[0], both
	}
	if x == in[0] {
		return r.copyStep(s, in)
	}
	for a, n := range r.Shape(x) { // what is one element by itself belongs to a sum over everything
		if n == 1 && !slices.Contains(axes, a) && r.old.Shape(s.Out[0]).Size() == 1 {
			axes = append(axes, a)
		}
	}
	slices.Sort(axes)
	y := r.Apply(lower.Reduce{Kind: outer.Kind, Axes: axes}, x)
	return []lower.Value{r.Reshape(y[0], r.old.Shape(s.Out[0])...)}
}

// sameAxes returns, for each axis of a, which axis of b it is, or -1 for one of
// extent 1; ok is false where a is not b with axes of extent 1 left out or put in.
func sameAxes(a, b lower.Shape) (at []int, ok bool) {
	k := 0
	for _, n := range a {
		if n == 1 {
			at = append(at, -1)
			continue
		}
		for k < len(b) && b[k] == 1 {
			k++
		}
		if k == len(b) || b[k] != n {
			return nil, false
		}
		at = append(at, k)
		k++
	}
	return at, a.Size() == b.Size()
}
