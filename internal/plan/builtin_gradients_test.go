package plan

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// evaluate computes a node of the graph with the lowerings alone. Inputs have their
// bound values, or those in others.
func (p *program) evaluate(n *node, others map[*node][]float64) []float64 {
	t := p.t
	t.Helper()
	order, err := exprgraph.Order(p.g, n)
	require.NoError(t, err)
	operands, values := map[*node][]*node{}, map[*node][]float64{}
	for _, o := range order {
		operands[o.Node] = o.Operands
	}
	for _, o := range order {
		if v := others[o.Node]; v != nil {
			values[o.Node] = v
			continue
		}
		if o.Node.Op() == nil {
			values[o.Node] = p.floats(o.Node.Value())
			continue
		}
		m, from, ok, err := NewMatcher(0, func(n *node) []*node { return operands[n] }).Match(o.Node)
		require.NoError(t, err)
		if !ok {
			m, ok, err = loweringOf(o.Node, o.Operands)
			require.NoError(t, err)
			require.True(t, ok, m.Host)
			from = o.Operands
		}
		if m.Func == nil {
			values[o.Node] = p.floats(m.Value)
			continue
		}
		var in []lower.Array[float64]
		for _, x := range from {
			in = append(in, lower.ArrayOf(values[x], shapeOf(x)))
		}
		for _, s := range m.State {
			in = append(in, lower.ArrayOf(p.floats(s.Memory), s.shape()))
		}
		values[o.Node] = p.run(m.Func, in)[0].Elements()
	}
	return values[n]
}

// TestLoweringsOfFaultyGradientsAreRight compares gradients that Gorgonia writes
// wrongly with closed forms.
func TestLoweringsOfFaultyGradientsAreRight(t *testing.T) {
	x, w := []float64{0.5, 2, 3}, []float64{1, -2, 4}
	tests := []struct {
		name string
		run  func(p *program, x, w *node) (cost, wrt *node)
		want func(i int) float64
	}{
		{"log2", func(p *program, x, w *node) (*node, *node) {
			return p.must(G.Sum(p.must(G.HadamardProd(p.must(G.Log2(x)), w)))), x
		}, func(i int) float64 { return w[i] / (x[i] * math.Ln2) }},
		{"inverse square root", func(p *program, x, w *node) (*node, *node) {
			return p.must(G.Sum(p.must(G.HadamardProd(p.must(G.InverseSqrt(x)), w)))), x
		}, func(i int) float64 { return -w[i] / 2 * math.Pow(x[i], -1.5) }},
		{"first vector of an outer product", func(p *program, x, w *node) (*node, *node) {
			return p.weigh(p.must(G.OuterProd(x, w))), x
		}, func(i int) float64 { return weight(i, 0)*w[0] + weight(i, 1)*w[1] + weight(i, 2)*w[2] }},
		{"second vector of an outer product", func(p *program, x, w *node) (*node, *node) {
			return p.weigh(p.must(G.OuterProd(x, w))), w
		}, func(i int) float64 { return weight(0, i)*x[0] + weight(1, i)*x[1] + weight(2, i)*x[2] }},
		{"outer product of a vector with itself", func(p *program, x, w *node) (*node, *node) {
			return p.weigh(p.must(G.OuterProd(x, x))), x
		}, func(i int) (sum float64) {
			for j := range x {
				sum += (weight(i, j) + weight(j, i)) * x[j]
			}
			return sum
		}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			p := newProgram(t, tensor.Float64)
			cost, wrt := c.run(p, p.of(x, 3), p.of(w, 3))
			grads, err := G.Grad(cost, wrt)
			require.NoError(t, err)
			want := []float64{c.want(0), c.want(1), c.want(2)}
			p.near(want, p.evaluate(grads[0], nil), c.name)
			vm := G.NewTapeMachine(p.g)
			defer vm.Close()
			require.NoError(t, vm.RunAll())
			require.NotEqual(t, want, p.floats(grads[0].Value()), "Gorgonia's gradient is right: remove the fault")
		})
	}
}

// weight is element (i, j) of the weights of a matrix.
func weight(i, j int) float64 { return float64(1 + 2*i + 5*j*j) }

// weigh is the sum of a matrix [3,3] times the weights.
func (p *program) weigh(y *node) *node {
	v := make([]float64, 9)
	for i := range v {
		v[i] = weight(i/3, i%3)
	}
	return p.must(G.Sum(p.must(G.HadamardProd(y, p.of(v, 3, 3)))))
}

// TestUserNodesAreNotMatchedAsGradients writes by hand the nodes that Gorgonia writes
// for a gradient.
func TestUserNodesAreNotMatchedAsGradients(t *testing.T) {
	p := newProgram(t, tensor.Float64)
	x, g := p.pos(3), p.in(3)
	p.must(G.Log2(x))
	n := p.must(G.HadamardDiv(g, p.must(G.HadamardDiv(x, G.NewConstant(math.Ln2)))))
	_, _, ok, err := NewMatcher(0, func(n *node) []*node {
		operands, err := exprgraph.Operands(p.g, n)
		require.NoError(t, err)
		return operands
	}).Match(n)
	require.NoError(t, err)
	require.False(t, ok)
}

// TestGradientsAreDerivatives compares every gradient of the cases, as lowered, with
// central differences.
func TestGradientsAreDerivatives(t *testing.T) {
	for _, list := range [][]builtinCase{unaryCases(), binaryCases(), productCases(), axesCases(), imageCases(), programs()} {
		for _, c := range list {
			t.Run(c.name, func(t *testing.T) {
				p := newProgram(t, tensor.Float64)
				c.build(p)
				for i, x := range p.wrt {
					p.checkGradient(x, p.grads[i])
				}
			})
		}
	}
}

// checkGradient checks at most eight elements.
func (p *program) checkGradient(x, grad *node) {
	p.t.Helper()
	const h = 1e-5
	got, v := p.evaluate(grad, nil), p.floats(x.Value())
	require.Len(p.t, got, len(v))
	for i := 0; i < len(v); i += 1 + len(v)/8 {
		var side [2]float64
		for j, d := range []float64{h, -h} {
			shifted := append([]float64(nil), v...)
			shifted[i] += d
			side[j] = p.evaluate(p.cost, map[*node][]float64{x: shifted})[0]
		}
		want := (side[0] - side[1]) / (2 * h)
		require.InDelta(p.t, want, got[i], 1e-5*max(1, math.Abs(want)), "%v, element %d of %v", x, i, x.Shape())
	}
}
