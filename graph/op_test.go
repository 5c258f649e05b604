package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// same is an op that returns its operand.
func same() graph.Op[struct{}] {
	return graph.Op[struct{}]{
		Name:   "same",
		Arity:  1,
		Shape:  func(_ struct{}, in []graph.Shape) ([]graph.Shape, error) { return in, nil },
		Define: func(_ struct{}, in, out []graph.Array) { copy(out[0].Data, in[0].Elements()) },
		Lower:  func(_ struct{}, _ *lower.Func, in []lower.Value) []lower.Value { return in },
	}
}

func TestTheErrorOfAnIncompleteOpNamesTheMissingPart(t *testing.T) {
	for want, spoil := range map[string]func(*graph.Op[struct{}]){
		"": func(*graph.Op[struct{}]) {},
		"same of [[2]]: the op's declaration has no Shape":  func(o *graph.Op[struct{}]) { o.Shape = nil },
		"same of [[2]]: the op's declaration has no Define": func(o *graph.Op[struct{}]) { o.Define = nil },
		"same of [[2]]: the op's declaration has no Lower":  func(o *graph.Op[struct{}]) { o.Lower = nil },
		"the lowering has 0 results": func(o *graph.Op[struct{}]) {
			o.Lower = func(struct{}, *lower.Func, []lower.Value) []lower.Value { return nil }
		},
		"the lowering has 1 results, the op declares [[2] [2]]": func(o *graph.Op[struct{}]) {
			o.Shape = func(_ struct{}, in []graph.Shape) ([]graph.Shape, error) { return []graph.Shape{in[0], in[0]}, nil }
		},
		"want as many, and at least one": func(o *graph.Op[struct{}]) {
			o.Shape = func(struct{}, []graph.Shape) ([]graph.Shape, error) { return nil, nil }
			o.Lower = func(struct{}, *lower.Func, []lower.Value) []lower.Value { return nil }
		},
	} {
		op := same()
		spoil(&op)
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		y := op.Apply(b.Scope("enc"), struct{}{}, b.Input("x", 2))
		if want == "" {
			require.NoError(t, b.Err())
			require.NotNil(t, y)
			continue
		}
		require.Nil(t, y)
		require.ErrorContains(t, b.Err(), want)
		require.ErrorContains(t, b.Err(), "enc")
	}
}
