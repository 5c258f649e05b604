package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestSummaryListsLayersAndTotals(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 8, 784)
	enc := graph.Dense{Units: 128, Activation: "relu"}
	h := enc.Apply(b.Scope("encoder/fc1"), x)
	block := b.Scope("block")
	block.State("mean", nil, 128)
	h = graph.Dense{Units: 4, NoBias: true}.Apply(block.Scope("inner"), h)
	h = block.Layer("Block", b.Mul(h, block.Param("scale", nil, 4)))
	h = graph.Dense{Units: 128}.Apply(b.Scope("decoder/fc1"), h)
	graph.DenseTied{Of: enc.Weight(b.Scope("encoder/fc1"), 784)}.Apply(b.Scope("decoder/fc2"), h)
	b.Param("loose", nil, 3)
	b.Scope("decoder").Layer("Reshape", b.Reshape(h, 8, 2, 8, 8))
	b.Scope("loss").Layer("Mean", b.Mean(h))
	require.NoError(t, b.Err())
	require.Equal(t, `a small autoencoder
------------------------------------------
Layer        Kind       Output     Weights
------------------------------------------
encoder/fc1  Dense      [N 128]    100,480
block/inner  Dense      [N 4]          512
block        Block      [N 4]            4
decoder/fc1  Dense      [N 128]        640
decoder/fc2  DenseTied  [N 784]        784
decoder      Reshape    [N 2 8 8]        0
loss         Mean       []               0
loose        Weight     [3]              3
------------------------------------------
Trainable weights: 102,423 (400.1 KiB)
States: 128 (512 B)
`, graph.Summary(b, "a small autoencoder"))
	require.Equal(t, 128, b.Layers()[2].States)
}

func TestALayerAppliedTwiceCountsOnce(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 2, 3)
	shared := graph.Dense{Units: 3}
	shared.Apply(b.Scope("fc"), shared.Apply(b.Scope("fc"), x))
	require.NoError(t, b.Err())
	counts := []int{b.Layers()[0].Params, b.Layers()[1].Params}
	require.Equal(t, []int{12, 0}, counts)
	require.Contains(t, graph.Summary(b, ""), "Trainable weights: 12 (96 B)")
}
