package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/train"
)

// Median ends a trial after an epoch in which its best value so far is worse than the
// median of the means that the trials of earlier rounds had up to the same epoch (Golovin
// et al. 2017, section 3.2.2).
type Median struct {
	// Epochs is the number of epochs that every trial has; 0 means 1.
	Epochs int
	// Trials is the number of values that a median needs; 0 means 5.
	Trials int
}

// Pruned is Trial.Stopped of a trial that Median ended.
const Pruned = "pruned"

func (m *Median) validate() error {
	if m != nil && (m.Epochs < 0 || m.Trials < 0) {
		return fmt.Errorf("the median after %d epochs of %d trials: none can be negative", m.Epochs, m.Trials)
	}
	return nil
}

// pruner is the callback of one trial.
type pruner struct {
	train.Base
	o      Options
	before []*Trial // trials of earlier rounds
}

// Epoch ends training if the trial is worse than the median.
func (p pruner) Epoch(r *train.Run) error {
	history := r.History()
	n := len(history)
	if n < cmp.Or(p.o.Median.Epochs, 1) || n == r.Epochs() {
		return nil
	}
	best := math.Inf(1)
	for _, e := range history {
		best = min(best, p.o.cost(e.Validation[p.o.Metric]))
	}
	var means []float64
	for _, t := range p.before {
		if t.Error == "" && len(t.Epochs) >= n {
			var sum float64
			for _, v := range t.Epochs[:n] {
				sum += p.o.cost(v)
			}
			means = append(means, sum/float64(n))
		}
	}
	if len(means) < cmp.Or(p.o.Median.Trials, 5) {
		return nil
	}
	slices.Sort(means)
	if median := (means[(len(means)-1)/2] + means[len(means)/2]) / 2; best > median {
		r.Stop(Pruned)
	}
	return nil
}
