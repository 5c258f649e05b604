package plan

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// convolutions counts the convolutions that are matched in a graph, and compares each
// with TapeMachine's value of its node.
func (p *program) convolutions() map[string]int {
	t := p.t
	t.Helper()
	order, err := exprgraph.Order(p.g, p.g.AllNodes()...)
	require.NoError(t, err)
	operands := map[*node][]*node{}
	for _, n := range order {
		operands[n.Node] = n.Operands
	}
	before := map[*node][]float64{}
	for _, n := range p.inputs {
		before[n] = p.floats(n.Value())
	}
	vm := G.NewTapeMachine(p.g, G.TraceExec())
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	counts := map[string]int{}
	for _, n := range order {
		m, from, ok, err := NewMatcher(0, func(n *node) []*node { return operands[n] }).Match(n.Node)
		require.NoError(t, err)
		if !ok {
			continue
		}
		var in []lower.Array[float64]
		for _, x := range from {
			v := before[x]
			if v == nil {
				v = p.floats(x.Value())
			}
			in = append(in, lower.ArrayOf(v, shapeOf(x)))
		}
		p.near(p.run(m.Func, in)[0].Elements(), p.floats(n.Node.Value()), n.Node.Op().String())
		counts[fmt.Sprintf("%T", m.Func.Steps()[0].Prim)]++
	}
	return counts
}

// TestConvolutionsAreMatched requires that each convolution and its gradients are
// matched in the nodes of Conv2d, with equal values.
func TestConvolutionsAreMatched(t *testing.T) {
	all := map[string]int{"lower.Conv": 1, "lower.ConvFilter": 1, "lower.ConvData": 1}
	for _, c := range imageCases() {
		if c.name != "conv2d" {
			continue
		}
		p := newProgram(t, tensor.Float64)
		c.build(p)
		require.Equal(t, all, p.convolutions())
	}
	for _, c := range programs() {
		if c.name == "convnet" {
			p := newProgram(t, tensor.Float64)
			c.build(p)
			require.Equal(t, map[string]int{"lower.Conv": 2, "lower.ConvFilter": 2, "lower.ConvData": 1}, p.convolutions())
		}
	}
}

// TestOtherProductsAreNoConvolutions uses im2col directly.
func TestOtherProductsAreNoConvolutions(t *testing.T) {
	p := newProgram(t, tensor.Float64)
	col := p.must(G.Im2Col(p.in(2, 3, 4, 5), []int{2, 2}, []int{0, 0}, []int{1, 1}, []int{1, 1})) // [2,3,4,12]
	y := p.must(G.Mul(p.must(G.Reshape(col, tensor.Shape{24, 12})), p.in(12, 5)))
	y = p.must(G.Transpose(p.must(G.Reshape(y, tensor.Shape{2, 3, 4, 5})), 0, 3, 1, 2))
	p.grad(y)
	require.Empty(t, p.convolutions(), "the filter is neither transposed nor of rank 4")

	// Conv2d's own product of windows and filter, with rows and columns exchanged or
	// not.
	for _, exchanged := range []bool{false, true} {
		p = newProgram(t, tensor.Float64)
		x, w := p.in(2, 3, 4, 5), p.in(5, 3, 2, 2)
		p.must(G.Conv2d(x, w, tensor.Shape{2, 2}, []int{0, 0}, []int{1, 1}, []int{1, 1}))
		n, _ := p.lowering("linAlgBinOp")
		operands, err := exprgraph.Operands(p.g, n)
		require.NoError(t, err)
		shape := tensor.Shape{2, 3, 4, 5}
		if exchanged {
			shape = tensor.Shape{2, 4, 3, 5}
		}
		y := p.must(G.Reshape(p.must(G.ApplyOp(n.Op(), operands...)), shape))
		y = p.must(G.Transpose(y, 0, 3, 1, 2))
		_, _, ok, err := NewMatcher(0, func(n *node) []*node {
			operands, err := exprgraph.Operands(p.g, n)
			require.NoError(t, err)
			return operands
		}).Match(y)
		require.NoError(t, err)
		require.Equal(t, !exchanged, ok)
	}
}
