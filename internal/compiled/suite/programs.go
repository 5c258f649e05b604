package suite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
)

// program is a Gorgonia program: a graph, its learnables and the value it reads.
type program struct {
	g      *gorgonia.ExprGraph
	x, y   *gorgonia.Node
	learn  gorgonia.Nodes
	cost   *gorgonia.Node
	inside *gorgonia.Node // an inner node
	read   gorgonia.Value
}

func weights(g *gorgonia.ExprGraph, dtype tensor.Dtype, r *rand.Rand, name string, shape ...int) *gorgonia.Node {
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = r.NormFloat64() * 0.3
	}
	return gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(dense64(x, dtype, shape...)))
}

// dense64 returns a tensor of these elements.
func dense64(x []float64, dtype tensor.Dtype, shape ...int) *tensor.Dense {
	if dtype == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float64(nil), x...)))
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(y))
}

// perceptron is two layers, a softmax and a cross entropy.
func perceptron(dtype tensor.Dtype) *program {
	p := &program{g: gorgonia.NewGraph()}
	r := rand.New(rand.NewPCG(3, 4))
	p.x = gorgonia.NewMatrix(p.g, dtype, gorgonia.WithName("x"), gorgonia.WithShape(6, 5))
	p.y = gorgonia.NewMatrix(p.g, dtype, gorgonia.WithName("y"), gorgonia.WithShape(6, 3))
	w1, w2 := weights(p.g, dtype, r, "w1", 5, 8), weights(p.g, dtype, r, "w2", 8, 3)
	p.learn = gorgonia.Nodes{w1, w2}
	h := gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(p.x, w1))))
	p.inside = h
	out := gorgonia.Must(gorgonia.SoftMax(gorgonia.Must(gorgonia.Mul(h, w2)), 1))
	p.cost = gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.HadamardProd(p.y, gorgonia.Must(gorgonia.Log(out))))))))
	gorgonia.Read(p.cost, &p.read)
	return p
}

// network is a convolution, a pool, a bias by broadcasting and a dense layer.
func network(dtype tensor.Dtype) *program {
	p := &program{g: gorgonia.NewGraph()}
	r := rand.New(rand.NewPCG(5, 6))
	p.x = gorgonia.NewTensor(p.g, dtype, 4, gorgonia.WithName("x"), gorgonia.WithShape(6, 1, 6, 6))
	p.y = gorgonia.NewMatrix(p.g, dtype, gorgonia.WithName("y"), gorgonia.WithShape(6, 3))
	w1, w2 := weights(p.g, dtype, r, "w1", 4, 1, 3, 3), weights(p.g, dtype, r, "w2", 36, 3)
	p.learn = gorgonia.Nodes{w1, w2}
	c := gorgonia.Must(gorgonia.Conv2d(p.x, w1, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
	pool := gorgonia.Must(gorgonia.MaxPool2D(gorgonia.Must(gorgonia.Rectify(c)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	p.inside = pool
	out := gorgonia.Must(gorgonia.Mul(gorgonia.Must(gorgonia.Reshape(pool, tensor.Shape{6, 36})), w2))
	p.cost = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(out, p.y))))))
	gorgonia.Read(p.cost, &p.read)
	return p
}

// learned trains a program on a machine for 5 steps and returns all that it can see.
func learned(t *testing.T, p *program, solver gorgonia.Solver, machine func(*gorgonia.ExprGraph) gorgonia.VM) (seen [][]float64) {
	_, err := gorgonia.Grad(p.cost, p.learn...)
	require.NoError(t, err)
	m := machine(p.g)
	defer m.Close()
	r := rand.New(rand.NewPCG(7, 8))
	for range 5 {
		for _, in := range []*gorgonia.Node{p.x, p.y} {
			x := make([]float64, in.Shape().TotalSize())
			for i := range x {
				x[i] = r.Float64()
			}
			require.NoError(t, gorgonia.Let(in, dense64(x, in.Dtype(), in.Shape()...)))
		}
		require.NoError(t, m.RunAll())
		require.NoError(t, m.RunAll(), "does nothing without Reset")
		cost, err := value.Of(p.cost)
		require.NoError(t, err)
		inside, err := value.Of(p.inside)
		require.NoError(t, err)
		read, err := value.Floats(p.read)
		require.NoError(t, err)
		seen = append(seen, cost, inside, append([]float64(nil), read...))
		for _, w := range p.learn {
			g, err := w.Grad()
			require.NoError(t, err)
			d, err := value.Floats(g)
			require.NoError(t, err)
			seen = append(seen, append([]float64(nil), d...))
		}
		require.NoError(t, solver.Step(gorgonia.NodesToValueGrads(p.learn)))
		m.Reset()
	}
	for _, w := range p.learn {
		d, err := value.Floats(w.Value())
		require.NoError(t, err)
		seen = append(seen, append([]float64(nil), d...))
	}
	return seen
}

func (on Machine) programsChangeOneLine(t *testing.T) {
	for name, build := range map[string]func(tensor.Dtype) *program{"perceptron": perceptron, "network": network} {
		for options, opts := range map[string]func(*program) []gorgonia.VMOpt{
			"plain":            func(*program) []gorgonia.VMOpt { return nil },
			"bind dual values": func(p *program) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.BindDualValues(p.learn...)} },
			"watch and bind": func(p *program) []gorgonia.VMOpt {
				return []gorgonia.VMOpt{gorgonia.WithNaNWatch(), gorgonia.WithInfWatch(), gorgonia.BindDualValues()}
			},
			"trace": func(*program) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.TraceExec()} },
			"cuda":  func(*program) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.UseCudaFor("add")} },
		} {
			for dtype, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-11, tensor.Float32: 2e-5} {
				t.Run(fmt.Sprint(name, "/", options, "/", dtype), func(t *testing.T) {
					theirs, ours := build(dtype), build(dtype)
					want := learned(t, theirs, gorgonia.NewAdamSolver(), func(g *gorgonia.ExprGraph) gorgonia.VM {
						// Without a trace the TapeMachine overwrites inner values.
						return gorgonia.NewTapeMachine(g, append(opts(theirs), gorgonia.TraceExec())...)
					})
					got := learned(t, ours, gorgonia.NewAdamSolver(), func(g *gorgonia.ExprGraph) gorgonia.VM { return on.New(g, opts(ours)...) })
					require.Len(t, got, len(want))
					for i := range want {
						require.InDeltaSlice(t, want[i], got[i], tol, "result %d that the program sees", i)
					}
				})
			}
		}
	}
}

func (on Machine) watchNamesTheNode(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2), gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{1, -1}))))
	gorgonia.Must(gorgonia.Exp(gorgonia.Must(gorgonia.Log(x))))
	m := on.New(g, gorgonia.WithNaNWatch())
	err := m.RunAll()
	require.ErrorContains(t, err, "NaN")
	require.ErrorContains(t, err, "element 1")
}

func (on Machine) malformedProgramsAreErrors(t *testing.T) {
	require.ErrorContains(t, on.New(nil).RunAll(), "nil")
	require.Error(t, on.New(gorgonia.NewGraph()).RunAll())
	inputs := gorgonia.NewGraph()
	x := gorgonia.NewVector(inputs, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2))
	require.ErrorContains(t, on.New(inputs).RunAll(), "inputs only")
	gorgonia.Must(gorgonia.Neg(x))
	require.ErrorContains(t, on.New(inputs).RunAll(), "no value is bound")
}

func (on Machine) faultsAreReportedAndComputedRight(t *testing.T) {
	g := gorgonia.NewGraph()
	shape := []int{2, 3, 4, 5}
	v := make([]float64, 120)
	for i := range v {
		v[i] = float64(i * i % 17)
	}
	x := gorgonia.NewTensor(g, tensor.Float64, 4, gorgonia.WithName("x"), gorgonia.WithShape(shape...), gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))))
	sum := gorgonia.Must(gorgonia.Sum(x, 2))
	m := on.New(g)
	require.NoError(t, m.RunAll())
	want := make([]float64, 30)
	for i, e := range v {
		want[i/20*5+i%5] += e
	}
	got, err := value.Of(sum)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-12)
	require.NotEmpty(t, m.Report())
	require.False(t, math.IsNaN(got[0]))
}

func (on Machine) letAndSetBindValues(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2))
	y := gorgonia.Must(gorgonia.Neg(x))
	m := on.New(g)
	require.Error(t, m.Set(x, y), "y has no value yet")
	require.Error(t, m.Let(nil, 1.0))
	require.NoError(t, m.Let(x, tensor.New(tensor.WithBacking([]float64{1, 2}))))
	require.NoError(t, m.RunAll())
	require.NoError(t, m.Set(x, y))
	m.Reset()
	require.NoError(t, m.RunAll())
	got, err := value.Of(y)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2}, got)
	require.NoError(t, m.Close())
	require.ErrorContains(t, m.Let(x, 1.0), "closed")
	require.ErrorContains(t, on.New(nil).Set(x, y), "nil")
}
