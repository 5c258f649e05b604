package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// If the gradient of an activation follows from its result, it does not read the
// operand of the activation, whose memory can then be reused.
func TestGradientsOfActivationsReadTheResultWhereTheyCan(t *testing.T) {
	for _, name := range []graph.Activation{"relu", "sigmoid", "tanh"} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		x := b.Input("x", 3)
		g := b.Grad(b.Sum(b.Activate(name, x)), x)[0]
		require.NoError(t, b.Err())
		operands, err := exprgraph.Operands(b.Graph(), g)
		require.NoError(t, err)
		require.NotContains(t, operands, x, "%s", name)
	}
	e := lower.Softplus(lower.Arg(0))
	require.True(t, e.Pullback(0, 1).Reads(0), "softplus reads its operand")
}
