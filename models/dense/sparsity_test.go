package dense_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/vm"
)

// measure runs a net once on samples and returns its outputs, and the machine to run
// again.
func measure(t *testing.T, c modeltest.Model, training bool, batch int, in modeltest.Inputs) (map[string][]float64, vm.Machine) {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: training})
	modeltest.Name(b, c.Build(b, batch))
	m := modeltest.Compile(t, b, in)
	return modeltest.Run(t, m), m
}

func TestPenaltiesOfActivityEqualTheirFormulas(t *testing.T) {
	const batch, d, units, rate = 5, 8, 6, 0.1
	c := dense.Config{Input: d, Hidden: []int{units}, CodeActivation: "sigmoid", Sparsity: dense.Sparsity{L1: new(0.5), KL: new(0.25), Rate: rate}}
	for _, training := range []bool{true, false} {
		out, m := measure(t, c, training, batch, modeltest.Inputs{"x": grey(batch * d)})
		l1, kl := 0.0, 0.0
		for _, v := range out["code"] {
			l1 += math.Abs(v) / batch
		}
		for j := range units {
			q := 0.0
			for i := range batch {
				q += out["code"][i*units+j] / batch
			}
			kl += rate*math.Log(rate/q) + (1-rate)*math.Log((1-rate)/(1-q))
		}
		require.InDelta(t, l1, out[modeltest.Metric("l1")][0], 1e-12)
		require.InDelta(t, kl, out[modeltest.Metric("kl")][0], 1e-12)
		bce := out[modeltest.Metric("bce")][0]
		require.InDelta(t, bce+0.5*l1+0.25*kl, out["loss"][0], 1e-12)

		require.NoError(t, m.Set(dense.InputL1, 0))
		require.NoError(t, m.Set(dense.InputSparsity, 2))
		require.InDelta(t, bce+2*kl, modeltest.Run(t, m)["loss"][0], 1e-12)
	}
}

func TestTheGreatestElementsOfACodeAreKept(t *testing.T) {
	const batch, d, units = 4, 8, 20
	for _, c := range []struct{ k, eval, want int }{{3, 0, 3}, {3, 7, 7}, {20, 0, 20}} {
		sparse := dense.Config{Input: d, Hidden: []int{units}, CodeActivation: "linear", Sparsity: dense.Sparsity{K: c.k, EvalK: c.eval}}
		full := sparse
		full.Sparsity, full.Overcomplete = dense.Sparsity{}, true
		in := modeltest.Inputs{"x": grey(batch * d)}
		all, _ := measure(t, full, false, batch, in)
		for training, k := range map[bool]int{true: c.k, false: c.want} {
			kept, _ := measure(t, sparse, training, batch, in)
			for i := range batch {
				row := all["code"][i*units : (i+1)*units]
				least := slices.Sorted(slices.Values(row))[units-k]
				for j, v := range row {
					if v < least {
						v = 0
					}
					require.Equal(t, v, kept["code"][i*units+j], "%d of training %v", k, training)
				}
			}
		}
	}
}

func TestInvalidSparsityIsAnError(t *testing.T) {
	for want, s := range map[string]dense.Sparsity{
		"Sparsity.L1 is -1":   {L1: new(-1.0)},
		"Sparsity.L1 is NaN":  {L1: new(math.NaN())},
		"Sparsity.KL is +Inf": {KL: new(math.Inf(1))},
		"Sparsity.Rate is 1, want a number between 0 and 1": {Rate: 1},
		`Sparsity.KL with the code's activation "relu"`:     {KL: new(1.0)},
		"Sparsity.K is -1": {K: -1},
		"Sparsity.K is 33, want from 0 to the 32 elements":       {K: 33},
		"Sparsity.EvalK is 5 without Sparsity.K":                 {EvalK: 5},
		"Sparsity.EvalK is 40, want from 0 to the 32 elements":   {K: 3, EvalK: 40},
		"Sparsity.EvalK is -40, want from 0 to the 32 elements ": {K: 3, EvalK: -40},
	} {
		require.ErrorContains(t, dense.Config{Sparsity: s}.Validate(), want)
	}
}

func TestASparseCodeCanBeLargerThanTheSample(t *testing.T) {
	require.NoError(t, dense.Config{Input: 4, Hidden: []int{9}, Overcomplete: true}.Validate())
	for _, s := range []dense.Sparsity{{L1: new(0.0)}, {KL: new(0.1)}, {K: 2}} {
		require.NoError(t, dense.Config{Input: 4, Hidden: []int{9}, CodeActivation: "sigmoid", Sparsity: s}.Validate())
	}
	require.ErrorContains(t, dense.Config{Input: 4, Hidden: []int{9}, Sparsity: dense.Sparsity{Rate: 0.1}}.Validate(), "Overcomplete")
}
