package plan

import (
	"strconv"

	"github.com/stheno-ml/stheno/lower"
)

// mergeEqual writes a step once where it is applied twice to the same values.
func mergeEqual(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	key := []byte(s.Prim.String())
	for _, v := range in {
		key = strconv.AppendInt(append(key, ' '), int64(v), 10)
	}
	if outs, ok := r.seen[string(key)]; ok {
		return outs
	}
	outs := r.same(s, in)
	r.seen[string(key)] = outs
	return outs
}
