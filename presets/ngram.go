package presets

import "math"

// ngram is a model of texts that gives a token by the order-1 tokens before it, smoothed
// by the shorter contexts (Witten and Bell 1991): with c the counts of the tokens that
// follow a context, n their sum and t the number of different ones,
//
//	p(token | context) = (c(token) + t p(token | context without its first token)) / (n + t)
//
// and 1/tokens before the shortest.
type ngram struct {
	order, tokens int
	next          map[string]*followers
}

// followers counts the tokens that follow a context.
type followers struct {
	count map[int]float64
	sum   float64
}

// newNgram counts the texts, lists of token numbers without their end, which is 0.
func newNgram(order, tokens int, texts [][]int) *ngram {
	m := &ngram{order, tokens, map[string]*followers{}}
	for _, text := range texts {
		m.walk(text, func(contexts []string, token int) {
			for _, c := range contexts {
				f := m.next[c]
				if f == nil {
					f = &followers{count: map[int]float64{}}
					m.next[c] = f
				}
				f.count[token]++
				f.sum++
			}
		})
	}
	return m
}

// walk calls yield for each token of a text and its end, with its contexts, the shortest
// first.
func (m *ngram) walk(text []int, yield func(contexts []string, token int)) {
	padded := append(make([]int, m.order-1), text...)
	padded = append(padded, 0)
	for i := m.order - 1; i < len(padded); i++ {
		contexts := make([]string, m.order)
		for n := range contexts {
			for _, token := range padded[i-n : i] {
				contexts[n] += string(rune(token + 1))
			}
		}
		yield(contexts, padded[i])
	}
}

// nats is -log p of a text and its end.
func (m *ngram) nats(text []int) (sum float64) {
	m.walk(text, func(contexts []string, token int) {
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

// knows reports whether every token of a text, and its end, has followed its longest
// context in the texts that were counted.
func (m *ngram) knows(text []int) bool {
	known := true
	m.walk(text, func(contexts []string, token int) {
		f := m.next[contexts[m.order-1]]
		known = known && f != nil && f.count[token] > 0
	})
	return known
}
