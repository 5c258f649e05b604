package decode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/decode"
	"github.com/stheno-ml/stheno/vm"
)

// sums is a net whose state is the sum of the tokens so far, and whose logits are that
// sum and the code: [Starts, 2].
func sums(calls *int) func(in, out []vm.Array) error {
	return func(in, out []vm.Array) error {
		*calls++
		prev, code, state := in[0].Data, in[1].Data, in[2].Data
		out[0].Data, out[1].Data = nil, nil
		for i := range prev {
			next := state[i] + prev[i]
			out[0].Data = append(out[0].Data, next, code[i])
			out[1].Data = append(out[1].Data, next)
		}
		return nil
	}
}

func TestHypothesesGoOnFromTheirOwnStateAndCode(t *testing.T) {
	calls := 0
	net := decode.Recurrent{
		Call: sums(&calls), Starts: 3, Prev: "prev", Logits: "logits",
		Given:  []vm.Array{{Name: "code", Shape: []int{3, 1}, Data: []float32{10, 20, 30}}},
		States: []decode.State{{Name: "h", Next: "next h", Size: 1}},
	}
	step, err := net.Step()
	require.NoError(t, err)
	rows, err := step([]int{1, 2, 3}, []int{0, 1, 2})
	require.NoError(t, err)
	require.Equal(t, [][]float64{{1, 10}, {2, 20}, {3, 30}}, rows)
	rows, err = step([]int{5, 7}, []int{2, 1}) // the first sequence has ended, the others change places
	require.NoError(t, err)
	require.Equal(t, [][]float64{{8, 30}, {9, 20}}, rows)
	rows, err = step([]int{1, 2, 4}, []int{0, 0, 1})
	require.NoError(t, err)
	require.Equal(t, [][]float64{{9, 30}, {10, 30}, {13, 20}}, rows)
	require.Equal(t, 3, calls)

	for _, from := range [][]int{{-1}, {3}, {0, 1, 2, 0}} {
		_, err = step(make([]int, len(from)), from)
		require.ErrorContains(t, err, "decode:")
	}
	again, err := net.Step()
	require.NoError(t, err)
	rows, err = again([]int{1}, []int{1})
	require.NoError(t, err)
	require.Equal(t, [][]float64{{1, 20}}, rows, "each Step begins anew")
}

func TestAnIncompleteNetIsAnError(t *testing.T) {
	calls := 0
	for _, net := range []decode.Recurrent{
		{},
		{Call: sums(&calls)},
		{Call: sums(&calls), Starts: 2, Given: []vm.Array{{Name: "code"}}},
		{Call: sums(&calls), Starts: 2, Given: []vm.Array{{Name: "code", Shape: []int{3, 1}, Data: make([]float32, 3)}}},
	} {
		_, err := net.Step()
		require.ErrorContains(t, err, "decode:")
	}
}
