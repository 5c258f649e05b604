package tape_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/tape"
)

func TestNoArgumentMakesTheTapePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		b.Keep(b.Square(b.Input("x", 2)))
		m, err := tape.New(b)
		if err != nil {
			panic(err)
		}
		empty := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		return []any{m, &tape.Machine{}}, map[string]any{"New": tape.New, "Compile": tape.Compile}, []any{b, empty, graph.New(nil, graph.Config{})}
	})
}
