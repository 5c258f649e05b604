package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

func TestAFunctionOfAModelNeedsABackend(t *testing.T) {
	m := dense.Config{Input: 6, Hidden: []int{4, 2}}
	_, err := train.NewFunction(m, train.Options{}, vm.FunctionOptions{})
	require.ErrorContains(t, err, "no backend")
	f, err := train.NewFunction(m, train.Options{Backend: tape.Config{}}, vm.FunctionOptions{})
	require.NoError(t, err)
	defer f.Close()
	code := []vm.Array{{Name: graph.OutputCode}}
	require.NoError(t, f.Call([]vm.Array{{Name: graph.InputX, Shape: []int{3, 6}, Data: make([]float32, 18)}}, code))
	require.Equal(t, []int{3, 2}, code[0].Shape)
}
