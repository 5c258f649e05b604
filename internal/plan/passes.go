package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// pass rewrites a function into a better one.
type pass struct {
	name string
	run  func(*lower.Func) (*lower.Func, error)
}

// passes is the whole pipeline, in order.
func passes(t Target) []pass {
	return []pass{
		{"split groups of channels", t.splitGroups},
		{"unpack results", ifHas[lower.Concat](stepwise(unpack))},
		{"simplify elementwise steps", stepwise(simplify)},
		{"merge equal steps", stepwise(mergeEqual)},
		{"drop dead steps", dropDead},
		{"join padded arrays", ifHas[lower.Pad](joinPads)},
		{"drop dead steps", dropDead},
		{"join sums", ifHas[lower.Reduce](stepwise(joinSums))},
		{"drop dead steps", dropDead},
		{"add up gathered rows", ifHas[lower.Gather](t.sumGathered)},
		{"drop dead steps", dropDead},
		{"convolve before upsampling", stepwise(t.convOfUpsampled)},
		{"merge equal steps", stepwise(mergeEqual)},
		{"drop dead steps", dropDead},
		{"fuse elementwise steps", fuse},
		{"drop dead steps", dropDead},
		{"compute before broadcasts", ifHas[lower.BroadcastTo](stepwise(hoist))},
		{"merge equal steps", stepwise(mergeEqual)},
		{"drop dead steps", dropDead},
		{"place products", ifHas[lower.MatMul](t.placeProducts)},
		{"drop dead steps", dropDead},
		{"make views readable", stepwise(copyUnreadable)},
		{"drop dead steps", dropDead},
		{"split the batch", t.split},
		{"drop dead steps", dropDead},
		{"join passes over memory", t.join},
		{"join steps over rows", t.rows},
		{"group small steps", group},
	}
}
