package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// unpack makes a slice of a concatenation read the part that it lies in. So the
// packing of an op's several results is never computed.
func unpack(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	cut, ok := s.Prim.(lower.Slice)
	if !ok || int(in[0]) < r.Inputs() {
		return r.copyStep(s, in)
	}
	joined := r.def[in[0]]
	c, ok := joined.Prim.(lower.Concat)
	if !ok || c.Axis != cut.Axis {
		return r.copyStep(s, in)
	}
	at := 0
	for _, part := range joined.In {
		n := r.Shape(part)[c.Axis]
		if cut.Start >= at && cut.Stop <= at+n {
			if cut.Start == at && cut.Stop == at+n && cut.Step == 1 {
				return []lower.Value{part}
			}
			return []lower.Value{r.Slice(part, c.Axis, cut.Start-at, cut.Stop-at, cut.Step)}
		}
		at += n
	}
	return r.copyStep(s, in)
}
