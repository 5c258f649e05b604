// Command ownop shows a researcher's own ops in an autoencoder: a new activation
// and a new loss. Each is declared once, in ops.go, with its meaning, its
// lowering and its gradient; the compiled machine then joins it with what is
// around it as it does its own ops.
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
)

var errShapes = errors.New("want x and target of one shape")

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run trains an autoencoder of waves, verifies it, and shows where the own ops
// are computed.
func run(w io.Writer) error {
	const batch, length = 32, 16
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	x := b.Input("x", batch, length)
	h := Snake().Apply(b.Scope("hidden"), Frequency{A: 2}, graph.Dense{Units: 8}.Apply(b.Scope("hidden"), x))
	y := graph.Dense{Units: length}.Apply(b.Scope("out"), h)
	loss := LogCosh().Apply(b.Scope("loss"), struct{}{}, y, x)
	optim.Minimize(b, optim.Adam{Rate: new(1e-2)}, graph.Task{Name: "log cosh", Loss: loss})
	b.Keep(loss)

	m, err := cpu.Config{Strict: true}.Build(b) // nothing may run on the host
	if err != nil {
		return err
	}
	defer m.Close()
	if err := graph.SetFloats(x, waves(batch, length)); err != nil {
		return err
	}
	if err := m.Verify(); err != nil { // every node against its definition
		return err
	}
	first := 0.0
	for step := range 300 {
		m.Reset()
		if err := m.RunAll(); err != nil {
			return err
		}
		v, err := graph.Floats(loss)
		if err != nil {
			return err
		}
		if step == 0 {
			first = v[0]
		}
		if step == 299 {
			fmt.Fprintf(w, "the loss fell below a twentieth: %t\n", v[0] < first/20)
		}
	}
	return encode(w, b.Params(), waves(1, length))
}

// encode computes the code of one wave by another graph over the same
// parameters, and shows how the plan joins the activation with what is before.
func encode(w io.Writer, p *graph.Params, wave []float64) error {
	b := graph.New(p, graph.Config{})
	x := b.Input("x", 1, len(wave))
	h := Snake().Apply(b.Scope("hidden"), Frequency{A: 2}, graph.Dense{Units: 8}.Apply(b.Scope("hidden"), x))
	b.Keep(h)
	m, err := cpu.Config{Strict: true}.Build(b)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := graph.SetFloats(x, wave); err != nil {
		return err
	}
	if err := m.RunAll(); err != nil {
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

// waves are n sine waves of some phase and frequency.
func waves(n, length int) []float64 {
	x := make([]float64, n*length)
	for i := range x {
		wave, at := i/length, i%length
		x[i] = math.Sin(float64(wave) + float64(at)*0.2*float64(1+wave%4))
	}
	return x
}
