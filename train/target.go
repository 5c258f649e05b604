package train

import (
	"fmt"
	"maps"
	"slices"
)

// target is a number of an epoch that should fall, or rise.
type target struct {
	metric   string
	maximize bool
	change   float64 // the least change that counts
}

func newTarget(metric string, maximize bool, change float64) (target, error) {
	if metric == "" {
		metric = Loss
	}
	if !finite(change) || change < 0 {
		return target{}, fmt.Errorf("a minimum change of %g: want a finite number, at least 0", change)
	}
	return target{metric, maximize, change}, nil
}

// of is the number of an epoch: of the validation if there is one, else of the training,
// or what a callback recorded.
func (t target) of(e Epoch) (float64, error) {
	measured := e.Metrics
	if e.Validation != nil {
		measured = e.Validation
	}
	for _, m := range []map[string]float64{measured, e.Extra} {
		if v, ok := m[t.metric]; ok {
			return v, nil
		}
	}
	names := append(slices.Sorted(maps.Keys(measured)), slices.Sorted(maps.Keys(e.Extra))...)
	return 0, fmt.Errorf("the metric %q is none of the epoch's numbers: they are %s", t.metric, joined(names))
}

// better reports whether v is an improvement. NaN is none.
func (t target) better(v, best float64) bool {
	if t.maximize {
		return v > best+t.change
	}
	return v < best-t.change
}
