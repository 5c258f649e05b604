package cpu_test

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// A Gorgonia program changes one line.
func ExampleNew() {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(x))))
	if _, err := gorgonia.Grad(cost, x); err != nil {
		fmt.Println(err)
		return
	}
	m := cpu.New(g) // instead of gorgonia.NewTapeMachine(g)
	defer m.Close()
	for _, v := range [][]float64{{1, 2}, {3, 4}} {
		if err := gorgonia.Let(x, tensor.New(tensor.WithBacking(v))); err != nil {
			fmt.Println(err)
			return
		}
		if err := m.RunAll(); err != nil {
			fmt.Println(err)
			return
		}
		d, err := x.Grad()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(cost.Value(), d.Data())
		m.Reset()
	}
	// Output:
	// 5 [2 4]
	// 25 [6 8]
}

// Gorgonia's solver steps on the machine's workers.
func ExampleNew_solver() {
	g := gorgonia.NewGraph()
	w := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("w"), gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{1, 2}))))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(w))))
	if _, err := gorgonia.Grad(cost, w); err != nil {
		fmt.Println(err)
		return
	}
	m := cpu.New(g, gorgonia.BindDualValues(w))
	defer m.Close()
	solver := m.Solver(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.25))) // instead of gorgonia.NewVanillaSolver(...)
	for range 2 {
		if err := m.RunAll(); err != nil {
			fmt.Println(err)
			return
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(w.Value().Data())
		m.Reset()
	}
	// Output:
	// [0.5 1]
	// [0.25 0.5]
}

// Watch names the layer in which a NaN arose, and rolls the step back.
func ExampleConfig_watch() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 3)
	b.Output("sum", b.Sum(b.Scope("encoder/log").Log(x)))
	p, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := cpu.Config{Watch: true}.Compile(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	if err := m.Feed("x", []float32{1, -2, 3}); err != nil {
		fmt.Println(err)
		return
	}
	var e *vm.NonFinite
	if errors.As(vm.Run(m), &e) {
		fmt.Println(e.Value, e.Index, e.Layer)
	}
	// Output: NaN [1] encoder/log
}

// Verify recomputes every node in float64 and finds no difference.
func ExampleConfig_verify() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 4, 8)
	b.Output("y", graph.Dense{Units: 3, Activation: "tanh"}.Apply(b.Scope("fc"), x))
	p, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := cpu.Config{}.Compile(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	fmt.Println(m.Feed("x", make([]float32, 4*8)), m.Verify())
	// Output: <nil> <nil>
}
