package suite

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// RandomGraph compiles a graph of random ops over a state and a few inputs with random
// values.
func RandomGraph(t *testing.T, on vm.Backend, r *rand.Rand, p *graph.Params) vm.Machine {
	t.Helper()
	b := graph.New(p, graph.Config{})
	shapes := [][]int{{4, 6}, {6, 4}, {6}, {4, 1}, {2, 3, 4}}
	var inputs, pool, outputs []*graph.Node
	for i, s := range shapes {
		n := b.Input(fmt.Sprintf("in%d", i), s...)
		inputs = append(inputs, n)
		pool = append(pool, n)
	}
	w := b.State("w", graph.Normal(0, 1), 4, 6)
	pool = append(pool, w)
	pick := func() *graph.Node { return pool[r.IntN(len(pool))] }
	for range 25 {
		x := pick()
		s := x.Shape()
		var y *graph.Node
		switch r.IntN(9) {
		case 0:
			y = b.Map(lower.Tanh(lower.Arg(0).Mul(lower.Num(0.5))), x)
		case 1:
			y = b.Add(x, b.Sigmoid(x))
		case 2:
			if z := pick(); len(z.Shape()) == len(s) && z.Shape().Eq(s) {
				y = b.Mul(x, z)
			}
		case 3:
			if len(s) == 2 {
				y = b.Transpose(x, 1, 0)
			}
		case 4:
			if len(s) > 0 {
				y = b.SumKeep(x, r.IntN(len(s)))
			}
		case 5:
			if len(s) > 0 && s[0] > 1 {
				y = b.Slice(x, 0, 1, s[0])
			}
		case 6:
			y = b.Reshape(x, -1)
		case 7:
			if z := pick(); len(s) == 2 && len(z.Shape()) == 2 && s[1] == z.Shape()[0] {
				y = b.Tanh(b.MatMul(x, z))
			}
		case 8:
			if len(s) > 0 {
				y = b.Concat(0, x, x)
			}
		}
		if y != nil && y.DataSize() < 500 {
			pool = append(pool, y)
		}
	}
	for range 4 {
		outputs = append(outputs, pick())
	}
	b.Update(w, b.Add(w, b.Scale(b.Sum(outputs[0]), 1e-3)))
	require.NoError(t, b.Err())
	in := map[string][]float64{}
	for i, n := range inputs {
		x := make([]float64, n.DataSize())
		for i := range x {
			x[i] = r.NormFloat64()
		}
		in[fmt.Sprintf("in%d", i)] = x
	}
	return MachineOf(t, on, b, in, outputs...)
}

func (on Machine) randomGraphsEqualTheTapeMachine(t *testing.T) {
	for seed := range on.seeds(150) {
		results := map[string][][]float64{}
		for name, backend := range map[string]vm.Backend{"tape": tape.Config{}, "ours": on} {
			r := rand.New(rand.NewPCG(seed, 9))
			p := graph.NewParams(graph.Float64, seed)
			m := RandomGraph(t, backend, r, p)
			results[name] = append(Outputs(t, m), p.Get("w").Floats())
			require.NoError(t, m.Close())
		}
		for i, want := range results["tape"] {
			optest.RequireClose(t, fmt.Sprintf("seed %d, result %d", seed, i), want, results["ours"][i], 1e-12)
		}
	}
}
