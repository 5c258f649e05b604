package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// dropDead drops the steps whose results nothing reads.
func dropDead(old *lower.Func) (*lower.Func, error) {
	live := make([]bool, old.Values())
	for _, v := range old.Results() {
		live[v] = true
	}
	steps := old.Steps()
	for i := len(steps) - 1; i >= 0; i-- {
		for _, o := range steps[i].Out {
			if live[o] {
				for _, v := range steps[i].In {
					live[v] = true
				}
				break
			}
		}
	}
	wanted := func(s lower.Step) bool {
		return slices.ContainsFunc(s.Out, func(v lower.Value) bool { return live[v] })
	}
	if !slices.ContainsFunc(steps, func(s lower.Step) bool { return !wanted(s) }) {
		return old, nil
	}
	r := newRewriter(old)
	for _, s := range steps {
		if wanted(s) {
			r.replace(s, r.copyStep(s, r.mapped(s.In)))
		}
	}
	r.finish()
	return r.Func, nil
}
