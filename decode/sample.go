package decode

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// SampleOptions are the settings of Sample.
type SampleOptions struct {
	Limits
	// Temperature divides the logits, at least 0: 1 is the model's own distribution, and
	// 0 takes the most probable token of each step. nil means 1.
	Temperature *float64
	// Top, if above 0, draws from this number of the most probable tokens only (Fan et
	// al. 2018).
	Top int
	// Seed determines the draws.
	Seed uint64
}

// Sample draws n sequences of tokens, each from its own start; see Step.
func Sample(step Step, n int, o SampleOptions) ([][]int, error) {
	if err := o.check(step); err != nil {
		return nil, err
	}
	temperature := 1.0
	if o.Temperature != nil {
		temperature = *o.Temperature
	}
	switch {
	case n < 1:
		return nil, fmt.Errorf("decode: %d sequences: want at least 1", n)
	case !(temperature >= 0) || math.IsInf(temperature, 1):
		return nil, fmt.Errorf("decode: temperature %g: want a finite number, at least 0", temperature)
	case o.Top < 0:
		return nil, fmt.Errorf("decode: the top %d tokens: want at least 1, or 0 for all", o.Top)
	}
	if temperature == 0 {
		temperature, o.Top = 1, 1
	}
	r := rand.New(rand.NewPCG(o.Seed, 0))
	sequences := make([][]int, n)
	var tokens, from, open []int // of the sequences that go on
	for i := range n {
		tokens, from, open = append(tokens, o.Start), append(from, i), append(open, i)
	}
	for range o.Steps {
		rows, err := o.next(step, tokens, from, temperature)
		if err != nil {
			return nil, err
		}
		tokens, from = tokens[:0], from[:0]
		still := open[:0]
		for row, i := range open {
			token := draw(r, rows[row], o.Top)
			if token == o.End {
				continue
			}
			sequences[i] = append(sequences[i], token)
			tokens, from, still = append(tokens, token), append(from, row), append(still, i)
		}
		if open = still; len(open) == 0 {
			break
		}
	}
	return sequences, nil
}

// draw draws a token by log-probabilities, from the top ones if top is above 0.
func draw(r *rand.Rand, logp []float64, top int) int {
	order := make([]int, len(logp))
	for i := range order {
		order[i] = i
	}
	if top > 0 && top < len(order) {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logp[b], logp[a]) })
		order = order[:top]
	}
	sum := 0.0
	for _, i := range order {
		sum += math.Exp(logp[i])
	}
	u, last := r.Float64()*sum, order[0]
	for _, i := range order {
		p := math.Exp(logp[i])
		if p == 0 {
			continue
		}
		if last = i; u < p {
			break
		}
		u -= p
	}
	return last
}
