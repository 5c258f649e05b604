package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/tape"
)

// attention is self-attention of 2 heads with its gradients.
func attention(t *testing.T) *graph.Builder {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float32, 5), graph.Config{Training: true})
	x := b.Input("x", 3, 7, 12)
	y := graph.Attention{Heads: 2, Width: 6, Causal: true}.Apply(b, x)
	loss := b.Mean(b.Square(y))
	weights := []*graph.Node{x}
	for _, name := range []string{"q", "k", "v", "out"} {
		weights = append(weights, b.Param(name, nil, 12, 12))
	}
	b.Output("y", y)
	for i, g := range b.Grad(loss, weights...) {
		b.Output([]string{"dx", "dq", "dk", "dv", "dout"}[i], g)
	}
	require.NoError(t, b.Err())
	return b
}

func TestAttentionEqualsTheOracle(t *testing.T) {
	x := make([]float64, 3*7*12)
	for i := range x {
		x[i] = float64(i%17)/17 - 0.4
	}
	in := map[string][]float64{"x": x}
	slow := suite.MachineOf(t, tape.Config{}, attention(t), in)
	defer slow.Close()
	want := suite.Outputs(t, slow)
	var first [][]float64
	for _, threads := range []int{1, 3} {
		m := suite.MachineOf(t, Config{Threads: threads}, attention(t), in)
		defer m.Close()
		got := suite.Outputs(t, m)
		for i := range want {
			require.InDeltaSlice(t, want[i], got[i], 1e-5, m.Program().Outputs()[i].Name)
		}
		if first == nil {
			first = got
		}
		require.Equal(t, first, got, "bits with %d threads", threads)
	}
}

// TestHeadsAreNotCopied: the transposes of heads are strides of operands and results.
func TestHeadsAreNotCopied(t *testing.T) {
	m := suite.MachineOf(t, Config{}, attention(t), nil)
	defer m.Close()
	products := 0
	for _, s := range m.(*compiled.Program).Engine().(*runner[float32]).plan.Steps {
		switch p := s.Prim.(type) {
		case lower.Map:
			require.NotEqual(t, lower.FnArg, p.Expr.Fn(), "a copy of %v", s.In)
		case plan.PlacedMatMul:
			products++
		}
	}
	require.Equal(t, 4, products, "the weighted sum, and the gradients of q, k and v")
}
