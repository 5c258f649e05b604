package search

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Halving is Hyperband (Li et al. 2018, algorithm 1): brackets of successive halving. A
// bracket trains many trials for a few epochs, goes on with the best Eta-th part of them
// for Eta times as many epochs, and so on, up to MaxEpochs. The first bracket begins with
// the most trials and the fewest epochs; the last trains all its trials to the end. Each
// takes about as many epochs as the others.
//
// A trial that failed, or that a callback stopped, does not go on. Another goes on from its
// checkpoint: the epochs of all its rungs are those of one training, with one order of
// samples. Schedules are different: they get the number of steps of the rung as total,
// counted from the trial's first step. So a rate that falls to 0 by the end of a rung is
// higher again at the start of the next, at that place of the longer schedule.
type Halving struct {
	// MaxEpochs is the largest number of epochs of a trial.
	MaxEpochs int
	// MinEpochs is the smallest; 0 means 1.
	MinEpochs int
	// Eta is by how much rungs differ; 0 means 3.
	Eta int
	// Count is the number of brackets; 0 means all. With 1, this is successive halving.
	Count int
}

// Rung is a number of trials, each trained for a number of epochs in all.
type Rung struct {
	Trials, Epochs int
}

// Brackets are the rungs of each bracket. With R = MaxEpochs, n trials begin for r epochs
// in bracket s, from the largest s for which r is not below MinEpochs down to 0:
//
//	n = ceil((s_max+1) Eta^s / (s+1))    r = R / Eta^s
//
// and rung i has floor(n / Eta^i) trials for r Eta^i epochs, rounded.
func (h Halving) Brackets() ([][]Rung, error) {
	h.MinEpochs, h.Eta = cmp.Or(h.MinEpochs, 1), cmp.Or(h.Eta, 3)
	if h.MinEpochs < 1 || h.MaxEpochs < h.MinEpochs || h.Eta < 2 || h.Count < 0 {
		return nil, fmt.Errorf("halving from %d to %d epochs by %d in %d brackets: want at least 1 epoch, MaxEpochs not below it, Eta at least 2, and no negative number",
			h.MinEpochs, h.MaxEpochs, h.Eta, h.Count)
	}
	if h.MaxEpochs > 1<<30 || h.Eta > 1<<15 {
		return nil, errors.New("halving: MaxEpochs or Eta is too large")
	}
	largest := 0
	for power := h.Eta; h.MinEpochs*power <= h.MaxEpochs; power *= h.Eta {
		largest++
	}
	var out [][]Rung
	for s := largest; s >= 0 && (h.Count == 0 || len(out) < h.Count); s-- {
		power := 1 // Eta^s
		for range s {
			power *= h.Eta
		}
		n := ((largest+1)*power + s) / (s + 1)
		var rungs []Rung
		for i := 0; i <= s; i++ {
			rungs = append(rungs, Rung{n, (2*h.MaxEpochs + power) / (2 * power)})
			n, power = n/h.Eta, power/h.Eta
		}
		out = append(out, rungs)
	}
	return out, nil
}

// promoted are the best n of some trials that did not fail or stop, in their order.
func (o Options) promoted(trials []*Trial, n int) []*Trial {
	left := slices.DeleteFunc(slices.Clone(trials), func(t *Trial) bool { return t.Error != "" || t.Stopped != "" })
	slices.SortStableFunc(left, func(a, b *Trial) int {
		x, _ := a.Value()
		y, _ := b.Value()
		return cmp.Compare(o.cost(x), o.cost(y))
	})
	left = left[:min(n, len(left))]
	slices.SortFunc(left, func(a, b *Trial) int { return a.Number - b.Number })
	return left
}
