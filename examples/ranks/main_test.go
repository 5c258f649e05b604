package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/train"
)

func TestRanks(t *testing.T) {
	require.NoError(t, run(t.Context(), 300, train.Options{Backend: cpu.Config{}, Batch: 32, Epochs: 1, Exact: 2}))
}
