// Command ownop shows how to add ops to an autoencoder: a new activation and a new loss.
// Each is declared once, in ops.go, with its definition, its lowering and its gradient.
// The compiled machine then fuses it with neighbouring steps, as it does built-in ops.
package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

var errShapes = errors.New("want x and target of the same shape")

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run trains an autoencoder of waves, verifies it, and shows where the new ops run.
func run(w io.Writer) error {
	const batch, length, steps = 32, 16, 300
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	x := b.Input("x", batch, length)
	y := graph.Dense{Units: length}.Apply(b.Scope("out"), code(b, x))
	loss := LogCosh().Apply(b.Scope("loss"), struct{}{}, y, x)
	optim.Minimize(b, optim.Adam{Rate: new(1e-2)}, graph.Task{Name: "log cosh", Loss: loss})
	b.Output("loss", loss)
	m, err := compile(b)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Feed("x", waves(batch, length)); err != nil {
		return err
	}
	if err := m.Verify(); err != nil { // checks every node against its definition
		return err
	}
	var losses [steps]float64
	for i := range losses {
		if err := vm.Run(m); err != nil {
			return err
		}
		if losses[i], err = m.Number("loss"); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "the loss fell below a twentieth: %t\n", losses[steps-1] < losses[0]/20)
	return encode(w, b.Params(), waves(1, length))
}

// code is a layer with the new activation: x [N, length] to [N, 8].
func code(b *graph.Builder, x *graph.Node) *graph.Node {
	hidden := b.Scope("hidden")
	return Snake().Apply(hidden, Frequency{A: 2}, graph.Dense{Units: 8}.Apply(hidden, x))
}

// compile compiles the builder's program. Strict makes it an error if a node runs on
// the host.
func compile(b *graph.Builder) (vm.Machine, error) {
	p, err := b.Program()
	if err != nil {
		return nil, err
	}
	return cpu.Config{Strict: true}.Compile(p)
}

// encode computes the code of one wave with another program over the same parameters,
// and shows that the plan fuses the activation with the bias before it.
func encode(w io.Writer, p *graph.Params, wave []float32) error {
	b := graph.New(p, graph.Config{})
	b.Output("code", code(b, b.Input("x", 1, len(wave))))
	m, err := compile(b)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Feed("x", wave); err != nil {
		return err
	}
	if err := vm.Run(m); err != nil {
		return err
	}
	step := map[string]int{}
	for _, n := range m.Report() {
		op, _, _ := strings.Cut(n.Op, "{")
		step[op] = n.Step
	}
	fmt.Fprintf(w, "the activation is in one step with the bias: %t\n", step["snake"] == step["map"])
	fmt.Fprint(w, m)
	return nil
}

// waves returns n sine waves of different phases and frequencies.
func waves(n, length int) []float32 {
	x := make([]float32, n*length)
	for i := range x {
		wave, at := i/length, i%length
		x[i] = float32(math.Sin(float64(wave) + float64(at)*0.2*float64(1+wave%4)))
	}
	return x
}
