package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// doubtCases has graphs for each check: build returns the node that the check must
// name, or nil if it must name none.
var doubtCases = []struct {
	check, graph string
	build        func(p *program) *node
	want         string
}{
	{"inputs of one name", "two of the same", func(p *program) *node {
		x := G.NewVector(p.g, tensor.Float64, G.WithName("x"), G.WithShape(2))
		p.must(G.Add(p.must(G.Tanh(x)), G.NewVector(p.g, tensor.Float64, G.WithName("x"), G.WithShape(2))))
		return x
	}, "2 inputs have this name"},
	{"inputs of one name", "two without a name", func(p *program) *node {
		x := G.NewVector(p.g, tensor.Float64, G.WithShape(2))
		p.must(G.Add(p.must(G.Tanh(x)), G.NewVector(p.g, tensor.Float64, G.WithShape(2))))
		return x
	}, "2 inputs have this name"},
	{"inputs of one name", "noise drawn twice", func(p *program) *node {
		x := G.GaussianRandomNode(p.g, tensor.Float64, 0, 1, 2)
		p.must(G.Add(p.must(G.Tanh(x)), G.GaussianRandomNode(p.g, tensor.Float64, 0, 1, 2)))
		return x
	}, "2 inputs have this name"},
	{"inputs of one name", "one of each name, read twice", func(p *program) *node {
		x := p.in(2)
		p.grad(p.must(G.HadamardProd(p.must(G.Add(p.must(G.Tanh(x)), x)), p.in(2))))
		return nil
	}, ""},

	{"constants of two types", "2 and 2", func(p *program) *node {
		p.must(G.Mul(p.in(2), G.NewConstant(2.0)))
		y := p.must(G.Mul(G.NewVector(p.g, tensor.Float32, G.WithName("y"), G.WithShape(2)), G.NewConstant(float32(2))))
		return p.operand(y, 1)
	}, "float64 and is read with y, which is float32"},
	{"constants of two types", "2 and 3", func(p *program) *node {
		p.must(G.Mul(p.in(2), G.NewConstant(2.0)))
		p.must(G.Mul(G.NewVector(p.g, tensor.Float32, G.WithName("y"), G.WithShape(2)), G.NewConstant(float32(3))))
		return nil
	}, ""},

	{"constants that print the same", "large and equal at the edges", func(p *program) *node {
		x, c := p.in(100, 100), large(0)
		y := p.must(G.Add(x, c))
		p.must(G.Sub(x, large(7)))
		return p.operand(y, 1)
	}, "large constants that agree at their edges"},
	{"constants that print the same", "small", func(p *program) *node {
		x := p.in(2)
		p.must(G.Add(x, G.NewConstant(tensor.New(tensor.WithBacking([]float64{1, 2})))))
		p.must(G.Sub(x, G.NewConstant(tensor.New(tensor.WithBacking([]float64{1, 3})))))
		return nil
	}, ""},

	{"two of one operand", "a difference", func(p *program) *node {
		x := p.in(2)
		return p.must(G.Sub(p.must(G.Dropout(x, 0.5)), p.must(G.Tanh(p.must(G.Dropout(x, 0.5))))))
	}, ""},
	{"two of one operand", "a difference with itself", func(p *program) *node {
		x := p.in(2)
		return p.must(G.Sub(p.must(G.Tanh(x)), p.must(G.Tanh(x))))
	}, "its operands are one node"},
	{"two of one operand", "a square", func(p *program) *node {
		x := p.in(2)
		p.grad(p.must(G.HadamardProd(p.must(G.Tanh(x)), p.must(G.Tanh(x)))))
		return nil
	}, ""},

	{"slices with bounds equal modulo 256", "read one by one", func(p *program) *node {
		x := p.in(512)
		a := p.must(G.Slice(x, G.S(0, 128)))
		p.must(G.Add(p.must(G.Tanh(a)), p.must(G.Slice(x, G.S(256, 384)))))
		return a
	}, "slices 0:128 and 256:384 of axis 0"},
	{"slices with bounds equal modulo 256", "gates, differentiated", func(p *program) *node {
		x := p.in(2, 512)
		var gates []*node
		for i := range 4 {
			gates = append(gates, p.must(G.Sigmoid(p.must(G.Slice(x, nil, G.S(128*i, 128*i+128))))))
		}
		p.grad(p.must(G.HadamardProd(p.must(G.HadamardProd(gates[0], gates[1])), p.must(G.HadamardProd(gates[2], gates[3])))))
		return p.operand(gates[0], 0)
	}, "slices 0:128 and 256:384 of axis 1"},
	{"slices with bounds equal modulo 256", "gates of 3 x 64", func(p *program) *node {
		x := p.in(2, 192)
		var gates []*node
		for i := range 3 {
			gates = append(gates, p.must(G.Sigmoid(p.must(G.Slice(x, nil, G.S(64*i, 64*i+64))))))
		}
		p.grad(p.must(G.HadamardProd(p.must(G.HadamardProd(gates[0], gates[1])), gates[2])))
		return nil
	}, ""},
	{"slices with bounds equal modulo 256", "the first of many columns", func(p *program) *node {
		p.grad(p.must(G.Tanh(p.must(G.Slice(p.in(2, 1000), nil, G.S(0, 100))))))
		return nil
	}, ""},

	{"gradients of a concatenation", "three of 128", func(p *program) *node {
		y := p.must(G.Concat(0, p.in(128), p.in(128), p.in(128)))
		p.grad(p.must(G.Tanh(y)))
		return y
	}, "operands 0 and 2 are one node"},
	{"gradients of a concatenation", "three of 100", func(p *program) *node {
		p.grad(p.must(G.Tanh(p.must(G.Concat(0, p.in(100), p.in(100), p.in(100))))))
		return nil
	}, ""},
	{"gradients of a concatenation", "without gradient", func(p *program) *node {
		p.must(G.Tanh(p.must(G.Concat(0, p.in(128), p.in(128), p.in(128)))))
		return nil
	}, ""},

	{"dropouts of one input", "two", func(p *program) *node {
		x := p.in(4)
		y := p.must(G.Dropout(x, 0.5))
		p.must(G.Add(p.must(G.Tanh(y)), p.must(G.Dropout(x, 0.2))))
		return y
	}, "dropouts of one input"},
	{"dropouts of one input", "one of each", func(p *program) *node {
		p.grad(p.must(G.HadamardProd(p.must(G.Dropout(p.in(4), 0.5)), p.must(G.Dropout(p.in(4), 0.5)))))
		return nil
	}, ""},

	{"a softmax and its logarithm", "the logarithm is built", func(p *program) *node {
		y := p.must(G.SoftMax(p.in(2, 3)))
		p.must(G.Log(y))
		return y
	}, "logarithm of a softmax"},
	{"a softmax and its logarithm", "both of one operand", func(p *program) *node {
		x := p.in(2, 3)
		y := p.must(G.SoftMax(x))
		p.must(G.LogSoftMax(x))
		return y
	}, "is that SoftMax"},
	{"a softmax and its logarithm", "probabilities only", func(p *program) *node {
		p.grad(p.must(G.SoftMax(p.in(2, 3))))
		return nil
	}, ""},

	{"a second Grad", "two costs of one weight", func(p *program) *node {
		x := p.in(2)
		first, second := p.must(G.Sum(p.must(G.Square(x)))), p.must(G.Sum(p.must(G.Tanh(x))))
		for _, c := range []*node{first, second} {
			_, err := G.Grad(c, x)
			require.NoError(p.t, err)
		}
		return second
	}, "was differentiated after"},
	{"a second Grad", "two costs of two weights", func(p *program) *node {
		x, y := p.in(2), p.in(2)
		for _, w := range []*node{x, y} {
			_, err := G.Grad(p.must(G.Sum(p.must(G.HadamardProd(p.must(G.Square(w)), p.pos(2))))), w)
			require.NoError(p.t, err)
		}
		return nil
	}, ""},
	{"a second Grad", "one cost of two terms", func(p *program) *node {
		x := p.in(2)
		first, second := p.must(G.Sum(p.must(G.Square(x)))), p.must(G.Sum(p.must(G.Tanh(x))))
		_, err := G.Grad(p.must(G.Add(first, second)), x)
		require.NoError(p.t, err)
		return nil
	}, ""},

	{"the Grad of a gradient", "of a cube", func(p *program) *node {
		x := p.in(2)
		d, err := G.Grad(p.must(G.Sum(p.must(G.Cube(x)))), x)
		require.NoError(p.t, err)
		cost := p.must(G.Sum(d[0]))
		_, err = G.Grad(cost, x)
		require.NoError(p.t, err)
		return cost
	}, "the second derivatives"},
	{"the Grad of a gradient", "a gradient that is only read", func(p *program) *node {
		x := p.in(2)
		d, err := G.Grad(p.must(G.Sum(p.must(G.Cube(x)))), x)
		require.NoError(p.t, err)
		p.must(G.Sum(p.must(G.Square(d[0]))))
		return nil
	}, ""},
}

// large is a constant of zeros with v in the middle.
func large(v float64) *node {
	x := make([]float64, 100*100)
	x[5050] = v
	return G.NewConstant(tensor.New(tensor.WithShape(100, 100), tensor.WithBacking(x)))
}

// operand returns a node's i-th operand.
func (p *program) operand(n *node, i int) *node {
	x, err := collectFacts(p.g)
	require.NoError(p.t, err)
	return x.operands[n][i]
}

func TestChecksNameDoubtfulNodesAndNoOthers(t *testing.T) {
	for _, c := range doubtCases {
		t.Run(c.check+"/"+c.graph, func(t *testing.T) {
			p := newProgram(t, tensor.Float64)
			n := c.build(p)
			doubts, err := Doubts(p.g)
			require.NoError(t, err)
			found := false
			for _, d := range doubts {
				if c.want == "" {
					require.NotContains(t, c.check, d.Check, "%v: %s", d.Node, d.Why)
				}
				if d.Check == c.check && d.Node == n {
					require.Contains(t, d.Why, c.want)
					found = true
				}
			}
			require.Equal(t, c.want != "", found, "%v", doubts)
		})
	}
	for _, s := range checks {
		with, without := 0, 0
		for _, c := range doubtCases {
			switch {
			case c.check != s.name:
			case c.want == "":
				without++
			default:
				with++
			}
		}
		require.Positive(t, with, "a graph that raises %s", s.name)
		require.Positive(t, without, "a graph that does not raise %s", s.name)
	}
}

// A logarithm of a softmax looks the same as a SoftMax that Gorgonia changed into
// one.
func TestOrdinaryProgramsRaiseNoOtherDoubt(t *testing.T) {
	for _, list := range [][]builtinCase{unaryCases(), binaryCases(), productCases(), axesCases(), imageCases(), programs()} {
		for _, c := range list {
			p := newProgram(t, tensor.Float64)
			c.build(p)
			doubts, err := Doubts(p.g)
			require.NoError(t, err)
			for _, d := range doubts {
				require.Equal(t, "a softmax and its logarithm", d.Check, "%s: %v: %s", c.name, d.Node, d.Why)
			}
		}
	}
}
