package solve

import (
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// single runs tasks on one worker.
type single struct{}

func (single) Size() int { return 1 }

func (single) Run(task Task, parts int) error {
	for i := range parts {
		task.Do(i, 0)
	}
	return nil
}

// BenchmarkAdam steps the weights of an autoencoder of 784-128-64-32-64-128-784 on one
// processor, with Gorgonia's code and with the formula.
func BenchmarkAdam(b *testing.B) {
	shapes := []tensor.Shape{{784, 128}, {128, 64}, {64, 32}, {32, 64}, {64, 128}, {128, 784}}
	for _, c := range []struct {
		name string
		make func() gorgonia.Solver
	}{
		{"gorgonia", func() gorgonia.Solver { return gorgonia.NewAdamSolver() }},
		{"formula", func() gorgonia.Solver { return On(single{}, kernel.Best(), gorgonia.NewAdamSolver()) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			m, s := model(tensor.Float32, shapes...)[:len(shapes)], c.make()
			for b.Loop() {
				if err := s.Step(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
