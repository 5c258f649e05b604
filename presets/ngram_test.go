package presets

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnNgramIsADistributionOverTexts(t *testing.T) {
	texts := [][]int{{1, 2}, {1, 3, 1}, {2}}
	for order := 1; order <= 3; order++ {
		m := newNgram(order, 4, texts)
		sum := 0.0
		for token := range 4 {
			// -log p(1 token) - -log p(1 end) leaves the token's own probability.
			if token == 0 {
				sum += math.Exp(-m.nats([]int{1}) + first(m, 1))
				continue
			}
			sum += math.Exp(-first(m, 1, token) + first(m, 1))
		}
		require.InDelta(t, 1, sum, 1e-12, "order %d", order)
	}
	m := newNgram(2, 4, texts)
	// Of 7 + 3 ends: unigram of 1 is 3/10 smoothed by 4 kinds and 1/4; 2 of 3 texts start with 1.
	unigram := (3.0 + 4*0.25) / (9 + 4)
	require.InDelta(t, -math.Log((2+2*unigram)/(3+2)), first(m, 1), 1e-12)
	require.True(t, m.knows([]int{1, 3, 1, 2}))
	require.False(t, m.knows([]int{3}))
}

// first is -log p of tokens, without an end.
func first(m *ngram, tokens ...int) (sum float64) {
	n := 0
	m.walk(tokens, func(contexts []string, token int) {
		if n++; n > len(tokens) {
			return
		}
		p := 1 / float64(m.tokens)
		for _, c := range contexts {
			if f := m.next[c]; f != nil {
				kinds := float64(len(f.count))
				p = (f.count[token] + kinds*p) / (f.sum + kinds)
			}
		}
		sum -= math.Log(p)
	})
	return sum
}
