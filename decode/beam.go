package decode

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// BeamOptions are the settings of Beam.
type BeamOptions struct {
	Limits
	// Width is the number of hypotheses that are followed, at least 1; 0 means 5.
	Width int
	// LengthPenalty is the power of the length by which the log-probability of a
	// sequence is divided to rank it, at least 0 (Wu et al. 2016 use a like form). 0
	// ranks by probability, which favours short sequences.
	LengthPenalty float64
}

// Hypothesis is a sequence with its log-probability in nats, its End included.
type Hypothesis struct {
	Tokens []int
	LogP   float64
	// Ended is false if the sequence was cut off at the largest number of steps.
	Ended bool
}

// Beam searches the most probable sequences from one start, by following the Width best
// beginnings of each length. The best comes first. Of equal ones, the one of lower
// tokens does. With Width as large as the number of all sequences, the search is exact.
func Beam(step Step, o BeamOptions) ([]Hypothesis, error) {
	if err := o.check(step); err != nil {
		return nil, err
	}
	o.Width = cmp.Or(o.Width, 5)
	if o.Width < 1 || !(o.LengthPenalty >= 0) || math.IsInf(o.LengthPenalty, 1) {
		return nil, fmt.Errorf("decode: width %d and length penalty %g: want at least 1 and a finite number, at least 0", o.Width, o.LengthPenalty)
	}
	open, ended := []candidate{{}}, []candidate(nil)
	for range o.Steps {
		tokens, from := make([]int, len(open)), make([]int, len(open))
		for row, h := range open {
			tokens[row], from[row] = o.Start, h.from
			if n := len(h.Tokens); n > 0 {
				tokens[row] = h.Tokens[n-1]
			}
		}
		rows, err := o.next(step, tokens, from, 1)
		if err != nil {
			return nil, err
		}
		var longer []candidate
		for row, h := range open {
			for token, logp := range rows[row] {
				next := candidate{Hypothesis{h.Tokens, h.LogP + logp, true}, row}
				switch {
				case math.IsInf(logp, -1):
				case token == o.End:
					ended = append(ended, next)
				default:
					next.Tokens, next.Ended = append(slices.Clone(h.Tokens), token), false
					longer = append(longer, next)
				}
			}
		}
		open, ended = o.best(longer), o.best(ended)
		if len(open) == 0 || o.settled(open, ended) {
			open = nil
			break
		}
	}
	var found []Hypothesis
	for _, c := range o.best(append(ended, open...)) {
		found = append(found, c.Hypothesis)
	}
	return found, nil
}

// candidate is a hypothesis and the row of the last step that it goes on from.
type candidate struct {
	Hypothesis
	from int
}

// best returns at most Width hypotheses, the best first.
func (o BeamOptions) best(all []candidate) []candidate {
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(o.score(b.Hypothesis), o.score(a.Hypothesis)), slices.Compare(a.Tokens, b.Tokens))
	})
	return all[:min(len(all), o.Width)]
}

// score ranks a hypothesis.
func (o BeamOptions) score(h Hypothesis) float64 {
	return h.LogP / math.Pow(float64(max(1, len(h.Tokens))), o.LengthPenalty)
}

// settled reports whether no open hypothesis can become better than those that ended:
// a log-probability only falls, and the penalty divides by at most that of Steps.
func (o BeamOptions) settled(open, ended []candidate) bool {
	if len(ended) < o.Width {
		return false
	}
	worst := o.score(ended[len(ended)-1].Hypothesis)
	for _, h := range open {
		if h.LogP/math.Pow(float64(o.Steps), o.LengthPenalty) > worst {
			return false
		}
	}
	return true
}
