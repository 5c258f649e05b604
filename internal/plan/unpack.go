package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// unpack makes a slice of a concatenation read the part that it lies in. So the
// packing of an op's several results is never computed.
func unpack(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	slice, ok := s.Prim.(lower.Slice)
	if !ok || int(in[0]) < r.Inputs() {
		return r.copyStep(s, in)
	}
	concat := r.def[in[0]]
	c, ok := concat.Prim.(lower.Concat)
	if !ok || c.Axis != slice.Axis {
		return r.copyStep(s, in)
	}
	at := 0
	for _, part := range concat.In {
		n := r.Shape(part)[c.Axis]
		if slice.Start >= at && slice.Stop <= at+n {
			if slice.Start == at && slice.Stop == at+n && slice.Step == 1 {
				return []lower.Value{part}
			}
			return []lower.Value{r.Slice(part, c.Axis, slice.Start-at, slice.Stop-at, slice.Step)}
		}
		at += n
	}
	return r.copyStep(s, in)
}
