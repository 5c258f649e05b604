package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
	"github.com/stheno-ml/stheno/cpu"
)

// BenchmarkPlanLSTM compiles the training step of the sequence net in Gorgonia's own
// ops, which has some 5,000 nodes.
func BenchmarkPlanLSTM(b *testing.B) {
	var step *baseline.Graph
	var opts []baseline.Option
	net, err := baseline.NewOn(func(g *baseline.Graph, o ...baseline.Option) baseline.VM {
		if step == nil {
			step, opts = g, o
		}
		return cpu.New(g, o...)
	}, "lstm", 128, 1)
	require.NoError(b, err)
	defer func() { require.NoError(b, net.Close()) }()
	b.ReportMetric(float64(len(step.AllNodes())), "nodes")
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, cpu.New(step, opts...).Close())
	}
}
