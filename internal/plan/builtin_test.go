package plan

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

type node = gorgonia.Node

// loweringOf lowers the op at a node with default settings.
func loweringOf(n *node, operands []*node) (m *Lowering, ok bool, err error) {
	return new(facts).lowerBuiltin(n, operands, machineSettings{})
}

// program is a graph of Gorgonia's ops under construction.
type program struct {
	t          *testing.T
	g          *gorgonia.ExprGraph
	dtype      tensor.Dtype
	random     *rand.Rand
	inputs     []*node
	options    []gorgonia.VMOpt
	cost       *node
	wrt, grads []*node // of the last call of grad
}

func newProgram(t *testing.T, dtype tensor.Dtype) *program {
	return &program{t: t, g: gorgonia.NewGraph(), dtype: dtype, random: rand.New(rand.NewSource(1))}
}

// in adds an input of numbers from -2 to 2.
func (p *program) in(shape ...int) *node { return p.between(-2, 2, shape...) }

// pos adds an input of positive numbers.
func (p *program) pos(shape ...int) *node { return p.between(0.2, 2, shape...) }

func (p *program) between(low, high float64, shape ...int) *node {
	v := make([]float64, lower.Shape(shape).Size())
	for i := range v {
		v[i] = low + (high-low)*p.random.Float64()
	}
	return p.of(v, shape...)
}

// of adds an input of these numbers.
func (p *program) of(v []float64, shape ...int) *node {
	name := fmt.Sprintf("x%d", len(p.inputs))
	var n *node
	var value gorgonia.Value
	switch {
	case len(shape) == 0 && p.dtype == tensor.Float64:
		value = gorgonia.NewF64(v[0])
	case len(shape) == 0:
		value = gorgonia.NewF32(float32(v[0]))
	case p.dtype == tensor.Float64:
		value = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float64(nil), v...)))
	default:
		w := make([]float32, len(v))
		for i, x := range v {
			w[i] = float32(x)
		}
		value = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(w))
	}
	if len(shape) == 0 {
		n = gorgonia.NewScalar(p.g, p.dtype, gorgonia.WithName(name), gorgonia.WithValue(value))
	} else {
		n = gorgonia.NewTensor(p.g, p.dtype, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	}
	p.inputs = append(p.inputs, n)
	return n
}

// num adds a constant.
func (p *program) num(v float64) *node {
	if p.dtype == tensor.Float64 {
		return gorgonia.NewConstant(v)
	}
	return gorgonia.NewConstant(float32(v))
}

func (p *program) must(n *node, err error) *node {
	p.t.Helper()
	require.NoError(p.t, err)
	return n
}

// grad differentiates the sum of y with respect to the inputs. Weights make the
// gradients differ.
func (p *program) grad(y *node, wrt ...*node) {
	p.t.Helper()
	known := append([]*node(nil), p.inputs...)
	if !y.IsScalar() {
		w := p.in(y.Shape()...)
		y = p.must(gorgonia.Sum(p.must(gorgonia.HadamardProd(y, w))))
	}
	if len(wrt) == 0 {
		wrt = known
	}
	grads, err := gorgonia.Grad(y, wrt...)
	require.NoError(p.t, err)
	p.cost, p.wrt, p.grads = y, wrt, grads
}

// outcome is the result of a comparison of all nodes.
type outcome struct {
	compared map[string]int // by the kind of op
	faults   map[string]string
	hosts    map[string]string
}

// compare runs the graph on Gorgonia's TapeMachine. Then, for every node with an op,
// it runs the node's Lowering on the operands that TapeMachine had.
func (p *program) compare() outcome {
	t := p.t
	t.Helper()
	o := outcome{map[string]int{}, map[string]string{}, map[string]string{}}
	nodes := p.g.AllNodes()
	order, err := exprgraph.Order(p.g, nodes...)
	require.NoError(t, err)
	children := map[*node][]*node{}
	for _, n := range order {
		children[n.Node] = n.Operands
	}
	before := map[*node][]float64{}
	for _, n := range p.inputs {
		before[n] = p.floats(n.Value())
	}
	// A new TapeMachine calls SetTraining, which resets running statistics.
	vm := gorgonia.NewTapeMachine(p.g, append(p.options, gorgonia.TraceExec())...)
	defer vm.Close()
	means := map[*node]*Lowering{}
	states := map[*node][]lower.Array[float64]{}
	for _, n := range nodes {
		if n.Op() == nil {
			continue
		}
		m, ok, err := loweringOf(n, children[n])
		require.NoError(t, err, n)
		require.Equal(t, m.Host == "", ok, n)
		if !ok {
			o.hosts[KindOf(n.Op())] = m.Host
			continue
		}
		means[n] = m
		for _, s := range m.State {
			v := []float64{1, 0, 0, 0}
			if !s.Clock {
				v = p.floats(s.Memory)
			}
			states[n] = append(states[n], lower.ArrayOf(v, s.shape()))
		}
	}
	require.NoError(t, vm.RunAll())
	// TapeMachine skips a product that it fuses with a sum. Such a value is computed
	// here.
	var value func(x *node) []float64
	value = func(x *node) []float64 {
		switch {
		case before[x] != nil:
			return before[x]
		case x.Value() != nil:
			return p.floats(x.Value())
		}
		var in []lower.Array[float64]
		for _, c := range children[x] {
			in = append(in, lower.ArrayOf(value(c), shapeOf(c)))
		}
		return p.run(means[x].Func, in)[0].Elements()
	}
	for n, m := range means {
		what := fmt.Sprintf("%v: %v of %v", KindOf(n.Op()), n.Op(), children[n])
		if n.Value() == nil {
			continue
		}
		got := p.floats(n.Value())
		if m.Fault != "" {
			o.faults[KindOf(n.Op())] = m.Fault
			continue
		}
		if m.Func == nil {
			require.Equal(t, p.floats(m.Value), got, what)
			o.compared[KindOf(n.Op())]++
			continue
		}
		var in []lower.Array[float64]
		for _, x := range children[n] {
			in = append(in, lower.ArrayOf(value(x), shapeOf(x)))
		}
		out := p.run(m.Func, append(in, states[n]...))
		require.Equal(t, shapeOf(n), out[0].Shape, what)
		p.near(out[0].Elements(), got, what)
		next := out[1:]
		for _, s := range m.State {
			if s.Next {
				p.near(next[0].Elements(), p.floats(s.Memory), what+", state")
				next = next[1:]
			}
		}
		o.compared[KindOf(n.Op())]++
	}
	return o
}
