package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// copyUnreadable inserts a copy before a reshape that cannot be a view of its
// operand, and after a result that is not in row-major order.
func copyUnreadable(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	if p, ok := s.Prim.(lower.Reshape); ok {
		if _, view := r.layout(in[0]).through(p, p.To); !view {
			in = []lower.Value{r.Map(lower.Arg(0), in[0])}
		}
	}
	outs := r.copyStep(s, in)
	if lower.IsView(s.Prim) && r.isResult(s.Out[0]) && !r.layout(outs[0]).readable() {
		outs = []lower.Value{r.Map(lower.Arg(0), outs[0])}
	}
	return outs
}
