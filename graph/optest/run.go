package optest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// Run runs the suite on a backend: the cases of the named ops, or of all ops if none
// is named.
func Run(t *testing.T, on vm.Backend, ops ...string) {
	for _, c := range Cases() {
		if len(ops) > 0 && !slices.Contains(ops, c.Op) {
			continue
		}
		c.run(t, on)
	}
}

// Check runs cases of ops that are declared elsewhere. It compares the result on the
// machine and the lowering with the definition, and the gradient with central
// differences of the definition. It also makes the checks of Declarations for them.
func Check(t *testing.T, on vm.Backend, cases ...Case) {
	for _, c := range cases {
		t.Run(c.Op+"/"+c.Name+"/declaration", c.declaration)
		c.run(t, on)
	}
}

func (c Case) run(t *testing.T, on vm.Backend) {
	t.Run(c.Op+"/"+c.Name, func(t *testing.T) {
		t.Run("float64", func(t *testing.T) { checkValue(t, c, on, graph.Float64, 1e-12) })
		t.Run("float32", func(t *testing.T) {
			tol := c.Tol
			if tol == 0 {
				tol = 1e-5
			}
			checkValue(t, c, on, graph.Float32, tol)
		})
		t.Run("gradient", func(t *testing.T) { checkGradient(t, c, on) })
	})
}

// built is a case as a graph.
type built struct {
	c   Case
	b   *graph.Builder
	in  []*graph.Node // the inputs in0, in1, ...
	out []*graph.Node
	x   [][]float64 // the values of in
}

func build(t *testing.T, c Case, dtype graph.Dtype) built {
	b := graph.New(graph.NewParams(dtype, 1), graph.Config{Training: true, Seed: 7})
	g := built{c: c, b: b, x: c.draw()}
	for i, s := range c.In {
		g.in = append(g.in, b.Input(fmt.Sprintf("in%d", i), s...))
	}
	g.out = c.Build(b.Scope("case"), g.in)
	require.NoError(t, b.Err())
	return g
}

// expect computes the results by the definitions of the ops, with x as the values of
// the operands.
func (g built) expect(t *testing.T, x [][]float64) [][]float64 {
	vals := map[*graph.Node]graph.Array{}
	for i, n := range g.in {
		vals[n] = lower.ArrayOf(x[i], graph.Shape(n.Shape()))
	}
	if n := g.b.InputNode("clock"); n != nil {
		words := lower.ClockWords(uint32(g.c.Epoch), uint32(g.c.Sample))
		vals[n] = lower.ArrayOf(words[:], graph.Shape{4})
	}
	var eval func(n *graph.Node) graph.Array
	eval = func(n *graph.Node) graph.Array {
		if v, ok := vals[n]; ok {
			return v
		}
		operands, err := exprgraph.Operands(g.b.Graph(), n)
		require.NoError(t, err)
		in := make([]graph.Array, len(operands))
		for i, o := range operands {
			in[i] = eval(o)
		}
		a, ours := op.At(n)
		if !ours {
			vals[n] = gorgoniaOp(t, n, in)
			return vals[n]
		}
		outs := a.Define(in)
		var packed []float64
		for _, o := range outs {
			packed = append(packed, o.Data...)
		}
		v := lower.ArrayOf(packed, graph.Shape(n.Shape()))
		vals[n] = v
		return v
	}
	out := make([][]float64, len(g.out))
	for i, n := range g.out {
		out[i] = eval(n).Data
	}
	return out
}

// gorgoniaOp evaluates one of Gorgonia's own nodes in float64: a constant, or an op
// by its Do.
func gorgoniaOp(t *testing.T, n *graph.Node, in []graph.Array) graph.Array {
	if len(in) == 0 {
		x, err := value.Of(n)
		require.NoError(t, err)
		return lower.ArrayOf(x, graph.Shape(n.Shape()))
	}
	values := make([]gorgonia.Value, len(in))
	for i, x := range in {
		values[i] = tensor.New(tensor.WithShape(x.Shape...), tensor.WithBacking(append([]float64(nil), x.Data...)))
	}
	v, err := n.Op().Do(values...)
	require.NoError(t, err)
	return lower.ArrayOf(v.Data().([]float64), graph.Shape(n.Shape()))
}

// run makes the nodes the outputs of a program, runs it on a machine, and returns
// their values.
func (g built) run(t *testing.T, on vm.Backend, weights [][]float64, nodes []*graph.Node) [][]float64 {
	for i, n := range nodes {
		g.b.Output(fmt.Sprintf("out%d", i), n)
	}
	p, err := g.b.Program()
	require.NoError(t, err)
	m, err := on.Compile(p)
	require.NoError(t, err)
	defer m.Close()
	for i, x := range g.x {
		require.NoError(t, m.SetFloats(fmt.Sprintf("in%d", i), x))
	}
	for i, w := range weights {
		require.NoError(t, m.SetFloats(fmt.Sprintf("weight%d", i), w))
	}
	require.NoError(t, m.SetClock(g.c.Epoch, g.c.Sample))
	require.NoError(t, vm.Run(m))
	values := make([][]float64, len(nodes))
	for i := range values {
		values[i], err = m.Floats(fmt.Sprintf("out%d", i))
		require.NoError(t, err)
	}
	return values
}

// checkValue compares the machine's results with the definition's.
func checkValue(t *testing.T, c Case, on vm.Backend, dtype graph.Dtype, tol float64) {
	g := build(t, c, dtype)
	if dtype == graph.Float32 { // the definition reads the rounded values that the machine reads
		for _, v := range g.x {
			for i := range v {
				v[i] = float64(float32(v[i]))
			}
		}
	}
	got := g.run(t, on, nil, g.out)
	for i, want := range g.expect(t, g.x) {
		RequireClose(t, fmt.Sprintf("result %d", i), want, got[i], tol)
	}
}

// RequireClose fails unless got equals want within tol times the largest magnitude
// in want, or within tol if that magnitude is below 1. NaN and infinities must match
// exactly.
func RequireClose(t *testing.T, what string, want, got []float64, tol float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	scale := 1.0
	for _, v := range want {
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			scale = max(scale, math.Abs(v))
		}
	}
	for i := range want {
		if math.IsNaN(want[i]) && math.IsNaN(got[i]) || want[i] == got[i] {
			continue
		}
		if !(math.Abs(want[i]-got[i]) <= tol*scale) {
			require.Failf(t, "differs", "%s, element %d: want %v, got %v (tolerance %g of %g)", what, i, want[i], got[i], tol, scale)
		}
	}
}

// checkGradient compares the gradient of a weighted sum of the results with
// central differences of the definition.
func checkGradient(t *testing.T, c Case, on vm.Backend) {
	g := build(t, c, graph.Float64)
	if !c.Differentiable(g.b) {
		t.Logf("op %s declares no gradient", c.Op)
		return
	}
	b := g.b
	weights := make([][]float64, len(g.out))
	var losses []*graph.Node
	for i, n := range g.out {
		w := b.Input(fmt.Sprintf("weight%d", i), n.Shape()...)
		weights[i] = make([]float64, graph.Shape(n.Shape()).Size())
		for k := range weights[i] {
			weights[i][k] = math.Sin(float64(3*k + i + 1))
		}
		losses = append(losses, b.Sum(b.Mul(n, w)))
	}
	var wrt []*graph.Node
	var which []int
	for i, n := range g.in {
		if !slices.Contains(c.NoGrad, i) {
			wrt, which = append(wrt, n), append(which, i)
		}
	}
	grads := b.Grad(b.AddN(losses...), wrt...)
	require.NoError(t, b.Err())
	got := g.run(t, on, weights, grads)
	for k, i := range which {
		RequireClose(t, fmt.Sprintf("gradient of operand %d", i), g.differences(t, i, weights), got[k], 1e-6)
	}
}

// differences returns the central differences of the weighted sum with
// respect to operand i.
func (g built) differences(t *testing.T, i int, weights [][]float64) []float64 {
	loss := func() float64 {
		sum := 0.0
		for k, out := range g.expect(t, g.x) {
			for j, v := range out {
				sum += v * weights[k][j]
			}
		}
		return sum
	}
	const h = 1e-5
	d := make([]float64, len(g.x[i]))
	for j := range d {
		x := g.x[i][j]
		g.x[i][j] = x + h
		up := loss()
		g.x[i][j] = x - h
		down := loss()
		g.x[i][j] = x
		d[j] = (up - down) / (2 * h)
	}
	return d
}

// OpsOf returns the names of the ops that a builder has applied.
func OpsOf(b *graph.Builder) (names []string) {
	for _, n := range b.Graph().AllNodes() {
		if a, ours := op.At(n); ours {
			names = append(names, a.Name())
		}
	}
	return names
}

// Differentiable reports whether the case's op, which the builder has applied,
// declares a gradient for one of its operands.
func (c Case) Differentiable(b *graph.Builder) bool {
	for _, n := range b.Graph().AllNodes() {
		if a, ours := op.At(n); ours && a.Name() == c.Op {
			return a.Differentiable() && len(c.NoGrad) < len(c.In)
		}
	}
	return false
}
