package plan

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// TestNodesThatComputeTheSameShareALowering compares nodes with the sum of matrices
// [2,3] and with a quotient by 0. A node that differs in anything relevant must have
// its own Lowering.
func TestNodesThatComputeTheSameShareALowering(t *testing.T) {
	g := G.NewGraph()
	in := func(name string, dt tensor.Dtype, shape ...int) *G.Node {
		return G.NewTensor(g, dt, len(shape), G.WithName(name), G.WithShape(shape...))
	}
	a, b, c := in("a", tensor.Float64, 2, 3), in("b", tensor.Float64, 2, 3), in("c", tensor.Float64, 2, 3)
	tall := in("tall", tensor.Float64, 3, 2)
	single := in("single", tensor.Float32, 2, 3)
	// Each constant has its own name, so that Gorgonia does not merge them.
	by := func(name string, x float64) *G.Node {
		return G.Must(G.HadamardDiv(a, G.NewConstant(x, G.WithName(name))))
	}
	var known facts
	lowering := func(n *G.Node) *Lowering {
		operands, err := exprgraph.Operands(g, n)
		require.NoError(t, err)
		m, ok, err := known.lowerBuiltin(n, operands, machineSettings{})
		require.NoError(t, err)
		require.True(t, ok, "%v", n)
		return m
	}
	sum, zero := lowering(G.Must(G.Add(a, b))), lowering(by("0", 0))
	for _, same := range []struct {
		name string
		of   *Lowering
		node *G.Node
	}{
		{"other operands", sum, G.Must(G.Add(b, c))},
		{"one operand twice", sum, G.Must(G.Add(a, a))},
		{"the same constant", zero, G.Must(G.HadamardDiv(b, G.NewConstant(0., G.WithName("another 0"))))},
	} {
		require.Same(t, same.of, lowering(same.node), same.name)
	}
	for _, other := range []struct {
		name string
		of   *Lowering
		node *G.Node
	}{
		{"another op", sum, G.Must(G.Sub(a, b))},
		{"another shape", sum, G.Must(G.Add(tall, tall))},
		{"another type", sum, G.Must(G.Add(single, single))},
		{"another constant", zero, by("1", 1)},
		{"-0", zero, by("-0", math.Copysign(0, -1))},
	} {
		require.NotSame(t, other.of, lowering(other.node), other.name)
	}
}
