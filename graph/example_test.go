package graph_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// The nodes of a Builder are Gorgonia's own nodes: a graph can use functions of both.
func Example_mixedWithGorgonia() {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 2, 2)
	y := gorgonia.Must(gorgonia.Exp(x)) // Gorgonia's function
	z := b.Sum(b.Mul(y, y), 1)          // Stheno's
	g := b.Grad(b.Sum(z), x)[0]         // through both
	if b.Err() != nil {
		fmt.Println(b.Err())
		return
	}
	if err := gorgonia.Let(x, tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{0, 0, 0.5, 0.5}))); err != nil {
		fmt.Println(err)
		return
	}
	m := gorgonia.NewTapeMachine(b.Graph())
	defer m.Close()
	if err := m.RunAll(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n%.3f\n", z.Value().Data(), g.Value().Data())
	// Output:
	// [2.000 5.437]
	// [2.000 2.000 5.437 5.437]
}

// A user's own op: its meaning, lowering and gradient are declared in one literal.
func ExampleOp() {
	type clip struct{ Limit float64 }
	hardTanh := graph.Op[clip]{
		Name:       "hard_tanh",
		Arity:      1,
		Overwrites: true,
		Shape:      func(a clip, in []graph.Shape) ([]graph.Shape, error) { return in, nil },
		Define: func(a clip, in, out []graph.Array) {
			for i, v := range in[0].Data {
				out[0].Data[i] = max(-a.Limit, min(v, a.Limit))
			}
		},
		Lower: func(a clip, f *lower.Func, in []lower.Value) []lower.Value {
			limit := lower.Num(a.Limit)
			return []lower.Value{f.Map(lower.Max(limit.Neg(), lower.Min(lower.Arg(0), limit)), in[0])}
		},
		Grad: func(a clip, p *graph.Pullback) []*graph.Node {
			inside := lower.Abs(lower.Arg(0)).Less(lower.Num(a.Limit))
			return []*graph.Node{p.B.Map(lower.Where(inside, lower.Arg(1), lower.Num(0)), p.In[0], p.Grad[0])}
		},
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 3)
	y := hardTanh.Apply(b, clip{Limit: 1}, x)
	b.Output("y", y)
	b.Output("slope", b.Grad(b.Sum(y), x)[0])
	fmt.Println(values(b, -2, 0.5, 3))
	// Output: [-1 0.5 1] [0 1 0] <nil>
}

// An elementwise function needs no op of its own: Map derives the gradient from the
// expression.
func ExampleBuilder_Map() {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 2)
	softsign := lower.Arg(0).Div(lower.Abs(lower.Arg(0)).Add(lower.Num(1)))
	y := b.Map(softsign, x)
	b.Output("y", y)
	b.Output("slope", b.Grad(b.Sum(y), x)[0])
	fmt.Println(values(b, 1, -3))
	// Output: [0.5 -0.75] [0.25 0.0625] <nil>
}

// values runs the program of b on the input x.
func values(b *graph.Builder, x ...float64) (y, slope []float64, err error) {
	p, err := b.Program()
	if err != nil {
		return nil, nil, err
	}
	m, err := cpu.Config{}.Compile(p)
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	if err := m.SetFloats("x", x); err != nil {
		return nil, nil, err
	}
	if err := vm.Run(m); err != nil {
		return nil, nil, err
	}
	if y, err = m.Floats("y"); err == nil {
		slope, err = m.Floats("slope")
	}
	return y, slope, err
}
