package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// coder is a model that has a code and nothing to train it by.
type coder struct{}

func (coder) Build(b *graph.Builder, batch int) graph.Net {
	code := b.MatMul(b.Input(graph.InputX, batch, 6), b.Param("w", nil, 6, 2))
	return graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code}}
}

func TestAFunctionOfAModelNeedsABackend(t *testing.T) {
	_, err := train.NewFunction(coder{}, train.Options{}, vm.FunctionOptions{})
	require.ErrorContains(t, err, "no backend")
	f, err := train.NewFunction(coder{}, train.Options{Backend: tape.Config{}}, vm.FunctionOptions{})
	require.NoError(t, err)
	defer f.Close()
	code := []vm.Array{{Name: graph.OutputCode}}
	require.NoError(t, f.Call([]vm.Array{{Name: graph.InputX, Shape: []int{3, 6}, Data: make([]float32, 18)}}, code))
	require.Equal(t, []int{3, 2}, code[0].Shape)
}
