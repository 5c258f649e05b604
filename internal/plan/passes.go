package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// pass is a change for the better from function to function.
type pass struct {
	name string
	run  func(*lower.Func) (*lower.Func, error)
}

// passes is the whole pipeline.
func passes(t Target) []pass {
	return []pass{
		{"unpack results", where[lower.Concat](rewriting(unpack))},
		{"simplify elementwise steps", rewriting(simplify)},
		{"merge equal steps", rewriting(mergeEqual)},
		{"drop dead steps", dropDead},
		{"join sums", where[lower.Reduce](rewriting(joinSums))},
		{"drop dead steps", dropDead},
		{"convolve before upsampling", rewriting(t.enlarged)},
		{"merge equal steps", rewriting(mergeEqual)},
		{"drop dead steps", dropDead},
		{"fuse elementwise steps", fuse},
		{"drop dead steps", dropDead},
		{"make views readable", rewriting(copyUnreadable)},
		{"drop dead steps", dropDead},
		{"split the batch", t.split},
		{"drop dead steps", dropDead},
		{"join passes over memory", t.join},
		{"group small steps", group},
	}
}
