package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// addUpAtOnce replaces a sum over everything of sums by one sum over everything.
func addUpAtOnce(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	outer, ok := s.Prim.(lower.Reduce)
	if !ok || r.Shape(in[0]).Size() == 1 || len(outer.Axes) < len(r.Shape(in[0])) {
		return r.same(s, in)
	}
	v := in[0]
	for int(v) >= r.Inputs() {
		if _, reshape := r.def[v].Prim.(lower.Reshape); !reshape {
			break
		}
		v = r.def[v].In[0]
	}
	inner, ok := r.def[v].Prim.(lower.Reduce)
	if !ok || inner.Kind != outer.Kind {
		return r.same(s, in)
	}
	x := r.def[v].In[0]
	axes := make([]int, len(r.Shape(x)))
	for i := range axes {
		axes[i] = i
	}
	all := r.Apply(lower.Reduce{Kind: outer.Kind, Axes: axes}, x)[0]
	return []lower.Value{r.Reshape(all, r.old.Shape(s.Out[0])...)}
}
