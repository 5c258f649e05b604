package roc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/examples/internal/roc"
)

func TestTheAreaIsTheShareOfPairsInOrder(t *testing.T) {
	require.Equal(t, 1.0, roc.Area([]float32{1, 2, 3}, []int{2}, []int{0, 1}))
	require.Equal(t, 0.0, roc.Area([]float32{3, 2, 1}, []int{2}, []int{0, 1}))
	require.Equal(t, 0.5, roc.Area([]float32{1, 1, 1}, []int{1}, []int{0, 2}))
	require.Equal(t, 4.5/6, roc.Area([]float32{1, 2, 2, 3, 4}, []int{2, 4}, []int{0, 1, 3}), "1.5 and 3 of 3 each")
}
