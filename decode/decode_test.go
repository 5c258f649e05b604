package decode_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/decode"
)

// chain is a model whose next token depends on all tokens before, which is its state.
type chain struct{ states [][]int }

// step returns logits that are a fixed function of the tokens so far.
func (c *chain) step(tokens, from []int) ([][]float64, error) {
	next, rows := make([][]int, len(tokens)), make([][]float64, len(tokens))
	for i, token := range tokens {
		var before []int
		if c.states != nil {
			before = c.states[from[i]]
		}
		next[i] = append(append([]int(nil), before...), token)
		rows[i] = logits(next[i])
	}
	c.states = next
	return rows, nil
}

func logits(tokens []int) []float64 {
	key := 0.3
	for i, t := range tokens {
		key += float64(t+1) * math.Sqrt(float64(i+2))
	}
	row := make([]float64, 4)
	for i := range row {
		row[i] = 2 * math.Sin(float64(i+1)*key)
	}
	return row
}

// logP is the log-probability of a sequence, with its end if it ended.
func logP(sequence []int, ended bool) (sum float64) {
	tokens := []int{0}
	all := sequence
	if ended {
		all = append(append([]int(nil), sequence...), 0)
	}
	for _, t := range all {
		row, total := logits(tokens), 0.0
		for _, v := range row {
			total += math.Exp(v)
		}
		sum += row[t] - math.Log(total)
		tokens = append(tokens, t)
	}
	return sum
}

func TestBeamsFindTheMostProbableOfAllSequences(t *testing.T) {
	const steps = 4
	var best []int
	most, ended := math.Inf(-1), false
	var all func(s []int)
	all = func(s []int) {
		if len(s) < steps { // a sequence of all steps has none left for its end
			if p := logP(s, true); p > most {
				best, most, ended = append([]int(nil), s...), p, true
			}
			for token := 1; token < 4; token++ {
				all(append(s, token))
			}
		} else if p := logP(s, false); p > most {
			best, most, ended = append([]int(nil), s...), p, false
		}
	}
	all(nil)
	for _, width := range []int{20, 1000} {
		found, err := decode.Beam((&chain{}).step, decode.BeamOptions{Limits: decode.Limits{Steps: steps}, Width: width})
		require.NoError(t, err)
		require.Equal(t, best, found[0].Tokens)
		require.Equal(t, ended, found[0].Ended)
		require.InDelta(t, most, found[0].LogP, 1e-12)
		for i, h := range found {
			require.InDelta(t, logP(h.Tokens, h.Ended), h.LogP, 1e-12)
			require.True(t, i == 0 || h.LogP <= found[i-1].LogP)
		}
	}
}

func TestABeamOfOneIsGreedy(t *testing.T) {
	l := decode.Limits{Steps: 6, Never: []int{0}}
	greedy, err := decode.Sample((&chain{}).step, 1, decode.SampleOptions{Limits: l, Temperature: new(0.0)})
	require.NoError(t, err)
	one, err := decode.Beam((&chain{}).step, decode.BeamOptions{Limits: l, Width: 1})
	require.NoError(t, err)
	require.Equal(t, greedy[0], one[0].Tokens)
	require.False(t, one[0].Ended)
}

func TestALengthPenaltyPrefersLongSequences(t *testing.T) {
	length := func(penalty float64) int {
		found, err := decode.Beam((&chain{}).step, decode.BeamOptions{Limits: decode.Limits{Steps: 6}, Width: 50, LengthPenalty: penalty})
		require.NoError(t, err)
		return len(found[0].Tokens)
	}
	require.Less(t, length(0), length(3))
}

func TestDrawsFollowTheModelAtATemperature(t *testing.T) {
	const n = 40000
	for _, temperature := range []float64{0.5, 1, 2} {
		got, err := decode.Sample((&chain{}).step, n, decode.SampleOptions{Limits: decode.Limits{Steps: 1}, Temperature: &temperature, Seed: 3})
		require.NoError(t, err)
		count := make([]float64, 4)
		for _, s := range got {
			token := 0
			if len(s) > 0 {
				token = s[0]
			}
			count[token]++
		}
		total := 0.0
		row := logits([]int{0})
		for _, v := range row {
			total += math.Exp(v / temperature)
		}
		for i, v := range row {
			p := math.Exp(v/temperature) / total
			require.InDelta(t, p, count[i]/n, 5*math.Sqrt(p*(1-p)/n))
		}
	}
}

func TestSequencesEndAndGoOnFromTheirOwnState(t *testing.T) {
	o := decode.SampleOptions{Limits: decode.Limits{Steps: 8}, Seed: 5}
	first, err := decode.Sample((&chain{}).step, 50, o)
	require.NoError(t, err)
	again, err := decode.Sample((&chain{}).step, 50, o)
	require.NoError(t, err)
	require.Equal(t, first, again, "the same seed")
	o.Top = 1
	top, err := decode.Sample((&chain{}).step, 3, o)
	require.NoError(t, err)
	require.Equal(t, top[0], top[2])
	o.Top, o.Never = 0, []int{0, 2}
	never, err := decode.Sample((&chain{}).step, 20, o)
	require.NoError(t, err)
	for _, s := range never {
		require.Len(t, s, 8)
		require.NotContains(t, s, 2)
	}
}

func TestMistakesAreErrors(t *testing.T) {
	ok := decode.Limits{Steps: 3}
	rows := func(rows ...[]float64) decode.Step {
		return func(tokens, from []int) ([][]float64, error) { return rows, nil }
	}
	for want, o := range map[string]struct {
		step decode.Step
		n    int
		o    decode.SampleOptions
	}{
		"no step":                 {nil, 1, decode.SampleOptions{Limits: ok}},
		"0 steps":                 {rows(), 1, decode.SampleOptions{}},
		"0 sequences":             {rows(), 0, decode.SampleOptions{Limits: ok}},
		"temperature -1":          {rows(), 1, decode.SampleOptions{Limits: ok, Temperature: new(-1.0)}},
		"temperature NaN":         {rows(), 1, decode.SampleOptions{Limits: ok, Temperature: new(math.NaN())}},
		"the top -1":              {rows(), 1, decode.SampleOptions{Limits: ok, Top: -1}},
		"0 rows for 1 hypotheses": {rows(), 1, decode.SampleOptions{Limits: ok}},
		"a logit is NaN":          {rows([]float64{0, math.NaN()}), 1, decode.SampleOptions{Limits: ok}},
		"none of 2 tokens":        {rows([]float64{0, 0}), 1, decode.SampleOptions{Limits: decode.Limits{Steps: 3, Never: []int{0, 1, 99, -1}}}},
		"broken":                  {func([]int, []int) ([][]float64, error) { return nil, errors.New("broken") }, 1, decode.SampleOptions{Limits: ok}},
	} {
		_, err := decode.Sample(o.step, o.n, o.o)
		require.ErrorContains(t, err, want)
	}
	for _, o := range []decode.BeamOptions{{Limits: ok, Width: -1}, {Limits: ok, LengthPenalty: math.NaN()}, {}} {
		_, err := decode.Beam(rows([]float64{0, 0}), o)
		require.ErrorContains(t, err, "want at least 1")
	}
}

func ExampleSample() {
	// After each token, the next number is twice as probable as any other; 0 ends.
	step := func(tokens, from []int) ([][]float64, error) {
		rows := make([][]float64, len(tokens))
		for i, token := range tokens {
			rows[i] = make([]float64, 4)
			rows[i][(token+1)%4] = math.Log(2)
		}
		return rows, nil
	}
	found, err := decode.Sample(step, 1, decode.SampleOptions{Limits: decode.Limits{Steps: 10}, Temperature: new(0.0)})
	fmt.Println(found, err)
	// Output: [[1 2 3]] <nil>
}

func ExampleBeam() {
	// The first token is 1 or 2; 1 is more probable, but what follows 2 is certain.
	step := func(tokens, from []int) ([][]float64, error) {
		after := map[int][]float64{
			0: {math.Inf(-1), math.Log(.6), math.Log(.4)},
			1: {math.Log(.4), math.Log(.3), math.Log(.3)},
			2: {0, math.Inf(-1), math.Inf(-1)},
		}
		var rows [][]float64
		for _, token := range tokens {
			rows = append(rows, after[token])
		}
		return rows, nil
	}
	found, err := decode.Beam(step, decode.BeamOptions{Limits: decode.Limits{Steps: 5}, Width: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range found {
		fmt.Printf("%v %.2f\n", h.Tokens, math.Exp(h.LogP))
	}
	// Output:
	// [2] 0.40
	// [1] 0.24
}
