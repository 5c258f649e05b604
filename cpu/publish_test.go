package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Gorgonia differentiates with respect to inputs that no one asked for, and through
// comparisons. The nodes that it adds for this, and that nothing reads, are not
// computed. The nodes of the program, including those computed from gradients, are.
func TestUnusedGradientsAreNotComputed(t *testing.T) {
	p := &gorgoniaProgram{g: G.NewGraph(), dtype: tensor.Float64}
	x := p.input(2, 1, 6, 6)
	relu := G.Must(G.Rectify(p.conv(x, 2, 3, 1, 1)))
	p.meanSquare(relu)
	first, err := G.Grad(p.cost, p.learn...)
	require.NoError(t, err)
	norm := G.Must(G.Sum(G.Must(G.Square(first[0]))))
	positive := G.Must(G.Sum(G.Must(G.Gt(relu, G.NewConstant(0.0), true))))
	v := p.input(3)
	other := G.Must(G.Sum(G.Must(G.Square(v))))
	second, err := G.Grad(other, v)
	require.NoError(t, err)
	p.draw()

	m := New(p.g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	for _, n := range append(append(first, second...), relu, norm, positive, p.cost, other) {
		require.NotNil(t, n.Value(), "%v", n)
	}
	require.NotContains(t, m.String(), "matmul", "the gradient of the images, unfolded")
	require.Len(t, p.unread(), 4, "the norm, the count, the second cost and its gradient")
}

// unread are the nodes that have a value and no reader.
func (p *gorgoniaProgram) unread() (out G.Nodes) {
	for _, n := range p.g.AllNodes() {
		if n.Op() != nil && n.Value() != nil && p.g.To(n.ID()).Len() == 0 {
			out = append(out, n)
		}
	}
	return out
}
