// Package decode generates sequences of tokens from a model that gives the next token's
// logits: at random with a temperature, or the most probable ones by beam search. It
// knows the model only as a function, Step.
package decode

import (
	"errors"
	"fmt"
	"math"
)

// Step returns the logits of the next token of hypotheses, a row for each: hypothesis i
// goes on from row from[i] of the call before with the token tokens[i]. In the first
// call, hypothesis i goes on from the start of sequence from[i]. A Step keeps the states
// of its last call.
type Step func(tokens, from []int) (logits [][]float64, err error)

// Limits are the limits of a generated sequence.
type Limits struct {
	// Steps is the largest number of tokens, at least 1.
	Steps int
	// Start is the token that the first step reads.
	Start int
	// End is the token that ends a sequence. It is not part of the result.
	End int
	// Never lists tokens that are not generated.
	Never []int
}

func (l Limits) check(step Step) error {
	switch {
	case step == nil:
		return errors.New("decode: no step: give a function")
	case l.Steps < 1:
		return fmt.Errorf("decode: %d steps: want at least 1", l.Steps)
	}
	return nil
}

// next returns the log-probabilities of the next tokens of all hypotheses, at a
// temperature above 0.
func (l Limits) next(step Step, tokens, from []int, temperature float64) ([][]float64, error) {
	logits, err := step(tokens, from)
	if err != nil {
		return nil, err
	}
	if len(logits) != len(tokens) {
		return nil, fmt.Errorf("decode: the step returns %d rows for %d hypotheses", len(logits), len(tokens))
	}
	out := make([][]float64, len(logits))
	for i, row := range logits {
		if out[i], err = l.logSoftmax(row, temperature); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// logSoftmax is the logarithm of the softmax of a row divided by the temperature.
func (l Limits) logSoftmax(row []float64, temperature float64) ([]float64, error) {
	out, most := make([]float64, len(row)), math.Inf(-1)
	for i, v := range row {
		out[i] = v / temperature
	}
	for _, never := range l.Never {
		if never >= 0 && never < len(out) {
			out[never] = math.Inf(-1)
		}
	}
	for _, v := range out {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return nil, fmt.Errorf("decode: a logit is %g: want finite numbers", v)
		}
		most = max(most, v)
	}
	if math.IsInf(most, -1) {
		return nil, fmt.Errorf("decode: none of %d tokens can follow", len(row))
	}
	sum := 0.0
	for _, v := range out {
		sum += math.Exp(v - most)
	}
	for i := range out {
		out[i] -= most + math.Log(sum)
	}
	return out, nil
}
