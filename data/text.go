// Texts as sequences of numbers, padded to one length.

package data

import (
	"fmt"
)

// Text returns a set of texts, each a list of tokens, such as Characters returns. The field "x" [steps] has the numbers
// of the tokens in the vocabulary, then EndToken to the end; the field "lengths" is the number of tokens plus 1, for the
// first EndToken. If steps is 0, it is that of the longest text. A text that does not fit is an error.
func Text(texts [][]string, v *Vocabulary, steps int) (Set, error) {
	set, err := text(texts, v, steps)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return set, nil
}

func text(texts [][]string, v *Vocabulary, steps int) (Set, error) {
	longest, at := 0, 0
	for i, t := range texts {
		if len(t) > longest {
			longest, at = len(t), i
		}
	}
	switch {
	case v == nil:
		return nil, errNoVocabulary
	case steps < 0:
		return nil, fmt.Errorf("%d steps: want at least 1, or 0 for those of the longest text", steps)
	case steps > 0 && longest+1 > steps:
		return nil, fmt.Errorf("text %d has %d tokens and an end, but there are %d steps: give more, or cut the text", at, longest, steps)
	case steps == 0:
		steps = longest + 1
	}
	if steps > maxVolume/max(1, len(texts)) {
		return nil, fmt.Errorf("%d texts of %d steps have more than %d values: take fewer", len(texts), steps, maxVolume)
	}
	x := Array{Name: "x", Shape: []int{steps}, Values: make([]float32, len(texts)*steps)}
	lengths := Array{Name: "lengths", Values: make([]float32, len(texts))}
	for i, t := range texts {
		for k, token := range t {
			x.Values[i*steps+k] = float32(v.Number(token))
		}
		lengths.Values[i] = float32(len(t) + 1)
	}
	return inMemory([]Array{x, lengths})
}
