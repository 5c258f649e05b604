package tape_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/tape"
)

func TestNoArgumentMakesAMachinePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		b.Output("y", b.Square(b.Input("x", 2)))
		p, err := b.Program()
		if err != nil {
			panic(err)
		}
		m, err := tape.Config{}.Compile(p)
		if err != nil {
			panic(err)
		}
		closed, err := tape.Config{}.Compile(p)
		if err != nil {
			panic(err)
		}
		if err := closed.Close(); err != nil {
			panic(err)
		}
		return []any{m, closed, tape.Config{}}, nil, []any{p, &graph.Program{}, make([]float32, 2), func() error { return nil }}
	})
}
