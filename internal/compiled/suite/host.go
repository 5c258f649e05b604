package suite

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// triple is a user's op, written for Gorgonia without a lowering.
type triple struct {
	do func(x gorgonia.Value) (gorgonia.Value, error)
}

func (triple) Arity() int    { return 1 }
func (triple) Type() hm.Type { a := hm.TypeVariable('a'); return hm.NewFnType(a, a) }
func (triple) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return in[0].(tensor.Shape), nil
}
func (o triple) Do(in ...gorgonia.Value) (gorgonia.Value, error) { return o.do(in[0]) }
func (triple) ReturnsPtr() bool                                  { return false }
func (triple) CallsExtern() bool                                 { return false }
func (triple) OverwritesInput() int                              { return -1 }
func (o triple) WriteHash(h hash.Hash)                           { fmt.Fprint(h, o.String()) }
func (triple) String() string                                    { return "triple" }
func (o triple) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func times3(x gorgonia.Value) (gorgonia.Value, error) {
	return tensor.Mul(x.(tensor.Tensor), 3.0)
}

// tripled is a graph of triple(tanh(x))^2.
func tripled(t *testing.T, do func(gorgonia.Value) (gorgonia.Value, error)) (g *gorgonia.ExprGraph, host, y *graph.Node) {
	g = gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2), gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{1, -1}))))
	host, err := gorgonia.ApplyOp(triple{do}, gorgonia.Must(gorgonia.Tanh(x)))
	require.NoError(t, err)
	return g, host, gorgonia.Must(gorgonia.Square(host))
}

func (on Machine) anOpWithoutALoweringRunsOnTheHost(t *testing.T) {
	g, host, y := tripled(t, times3)
	m := on.New(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	got, err := value.Of(y)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{5.2202307, 5.2202307}, got, 1e-6)
	for _, n := range m.Report() {
		if n.Node == host {
			require.Contains(t, n.Host, "not an op of Gorgonia's")
		} else {
			require.Empty(t, n.Host)
		}
	}
	require.NoError(t, m.Verify())
}

func (on Machine) aWrongResultOfAHostOpNamesTheNode(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(gorgonia.Value) (gorgonia.Value, error)
		want string
	}{
		"panic":   {func(gorgonia.Value) (gorgonia.Value, error) { panic("no memory") }, "no memory"},
		"error":   {func(gorgonia.Value) (gorgonia.Value, error) { return nil, errors.New("bad input") }, "bad input"},
		"nothing": {func(gorgonia.Value) (gorgonia.Value, error) { return nil, nil }, "nothing"},
		"size": {func(gorgonia.Value) (gorgonia.Value, error) {
			return tensor.New(tensor.WithBacking([]float64{1, 2, 3})), nil
		}, "3 elements"},
		"type":     {func(gorgonia.Value) (gorgonia.Value, error) { return tensor.New(tensor.WithBacking([]int{1, 2})), nil }, "int"},
		"nil type": {func(gorgonia.Value) (gorgonia.Value, error) { return (*tensor.Dense)(nil), nil }, "triple"},
	} {
		t.Run(name, func(t *testing.T) {
			g, host, _ := tripled(t, c.do)
			m := on.New(g)
			err := m.RunAll()
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, host.Name())
			require.NoError(t, m.Close())
		})
	}
}

func (on Machine) strictRefusesTheHostByName(t *testing.T) {
	g, host, _ := tripled(t, times3)
	err := on.With(Settings{Strict: true}).New(g).RunAll()
	require.ErrorContains(t, err, host.Name())
	require.ErrorContains(t, err, "not an op of Gorgonia's")

	p := perceptron(tensor.Float64)
	m := on.With(Settings{Strict: true}).New(p.g)
	require.NoError(t, m.Let(p.x, tensor.New(tensor.WithShape(6, 5), tensor.Of(tensor.Float64))))
	require.NoError(t, m.Let(p.y, tensor.New(tensor.WithShape(6, 3), tensor.Of(tensor.Float64))))
	require.NoError(t, m.RunAll())
}

func (on Machine) strictTakesEveryElementwiseOpOfGorgonia(t *testing.T) {
	for name, f := range map[string]func(*graph.Node) (*graph.Node, error){
		"abs": gorgonia.Abs, "sign": gorgonia.Sign, "ceil": gorgonia.Ceil, "floor": gorgonia.Floor, "sin": gorgonia.Sin,
		"cos": gorgonia.Cos, "exp": gorgonia.Exp, "log": gorgonia.Log, "log2": gorgonia.Log2, "neg": gorgonia.Neg,
		"square": gorgonia.Square, "sqrt": gorgonia.Sqrt, "inverse": gorgonia.Inverse, "inverse sqrt": gorgonia.InverseSqrt,
		"cube": gorgonia.Cube, "tanh": gorgonia.Tanh, "sigmoid": gorgonia.Sigmoid, "log1p": gorgonia.Log1p,
		"expm1": gorgonia.Expm1, "softplus": gorgonia.Softplus,
		"power": func(x *graph.Node) (*graph.Node, error) { return gorgonia.Pow(x, gorgonia.Must(gorgonia.Neg(x))) },
	} {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			t.Run(fmt.Sprint(name, dtype), func(t *testing.T) {
				g := gorgonia.NewGraph()
				x := gorgonia.NewVector(g, dtype, gorgonia.WithName("x"), gorgonia.WithShape(3))
				require.NoError(t, value.Bind(x, 0.25, 1.75, 4))
				gorgonia.Must(f(x))
				m := on.With(Settings{Strict: true}).New(g)
				require.NoError(t, m.RunAll())
				require.NoError(t, m.Verify())
				require.NoError(t, m.Close())
			})
		}
	}
}

// lowered is triple with a lowering that multiplies by factor.
type lowered struct {
	triple
	factor float64
}

func (o lowered) Lower(f *lower.Func, in []lower.Value) lower.Value {
	return f.Map(lower.Arg(0).Mul(lower.Num(o.factor)), in[0])
}

func (on Machine) aUsersOpWithALoweringLeavesTheHost(t *testing.T) {
	for factor, want := range map[float64]string{3: "", 2.9: "triple"} {
		g := gorgonia.NewGraph()
		x := vector(g, "x", 1, -2)
		y, err := gorgonia.ApplyOp(lowered{triple{times3}, factor}, gorgonia.Must(gorgonia.Tanh(x)))
		require.NoError(t, err)
		m := on.With(Settings{Strict: true}).New(g)
		require.NoError(t, m.RunAll())
		got, err := value.Of(y)
		require.NoError(t, err)
		require.InDelta(t, factor*0.7615941559557649, got[0], 1e-12)
		if want == "" {
			require.NoError(t, m.Verify())
		} else {
			require.ErrorContains(t, m.Verify(), want, "the lowering is not what Do does")
		}
		require.NoError(t, m.Close())
	}
}

func (on Machine) writesOfADoIntoItsOperandAreVisible(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		writes := func(x gorgonia.Value) (gorgonia.Value, error) {
			x.(*tensor.Dense).Set(1, 1000.0)
			return tensor.Mul(x.(tensor.Tensor), 2.0)
		}
		apply := func(x *graph.Node) *graph.Node {
			y, err := gorgonia.ApplyOp(triple{writes}, x)
			require.NoError(t, err)
			return y
		}
		t.Run("computed", func(t *testing.T) {
			g := gorgonia.NewGraph()
			inner := gorgonia.Must(gorgonia.Neg(vector(g, "x", 1, 2)))
			y := apply(inner)
			later := gorgonia.Must(gorgonia.Add(y, inner))
			m := machine(g)
			defer m.Close()
			for range 2 {
				require.NoError(t, m.RunAll())
				requireFloats(t, inner, -1, 1000)
				requireFloats(t, later, -3, 3000)
				m.Reset()
			}
		})
		t.Run("input", func(t *testing.T) {
			g := gorgonia.NewGraph()
			x := vector(g, "x", 1, 2)
			y := apply(x)
			m := machine(g)
			defer m.Close()
			require.NoError(t, m.RunAll())
			requireFloats(t, x, 1, 1000)
			requireFloats(t, y, 2, 2000)
		})
	})
}
