package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// joinSums replaces a sum of a sum, or a maximum of a maximum, by one reduction over
// the axes of both. Reshapes between the two may add or remove axes of extent 1.
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
	for a, n := range r.Shape(x) { // a reduction to one element covers every axis
		if n == 1 && !slices.Contains(axes, a) && r.old.Shape(s.Out[0]).Size() == 1 {
			axes = append(axes, a)
		}
	}
	slices.Sort(axes)
	y := r.Apply(lower.Reduce{Kind: outer.Kind, Axes: axes}, x)
	return []lower.Value{r.Reshape(y[0], r.old.Shape(s.Out[0])...)}
}

// sameAxes returns for each axis of a the corresponding axis of b, or -1 if its
// extent is 1. ok is false unless a and b differ only in axes of extent 1.
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
