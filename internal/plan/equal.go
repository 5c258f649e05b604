package plan

import (
	"strconv"

	"github.com/stheno-ml/stheno/lower"
)

// mergeEqual merges steps that apply the same primitive to the same values.
func mergeEqual(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	r.key = append(r.key[:0], s.Prim.String()...)
	for _, v := range in {
		r.key = strconv.AppendInt(append(r.key, ' '), int64(v), 10)
	}
	if outs, ok := r.seen[string(r.key)]; ok {
		return outs
	}
	outs := r.copyStep(s, in)
	r.seen[string(r.key)] = outs
	return outs
}
