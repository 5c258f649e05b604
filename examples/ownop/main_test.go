package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

func TestTheNewOpsComputeTheirDefinitions(t *testing.T) {
	optest.Check(t, cpu.Config{Strict: true},
		optest.Case{Op: "snake", Name: "of a matrix", In: []graph.Shape{{3, 5}}, Build: func(b *graph.Builder, in []*graph.Node) []*graph.Node {
			return []*graph.Node{Snake().Apply(b, Frequency{A: 3}, in[0])}
		}},
		optest.Case{Op: "log_cosh", Name: "of two matrices", In: []graph.Shape{{3, 5}, {3, 5}}, Build: func(b *graph.Builder, in []*graph.Node) []*graph.Node {
			return []*graph.Node{LogCosh().Apply(b, struct{}{}, in...)}
		}},
	)
}

func TestTheExampleTrainsAndFuses(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out))
	require.Contains(t, out.String(), "the loss fell below a twentieth: true")
	require.Contains(t, out.String(), "in one step with the bias: true")
	require.Contains(t, out.String(), "sin(")
}

func TestShapesThatDifferAreAnErrorThatNamesTheLayer(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	require.Nil(t, LogCosh().Apply(b.Scope("loss"), struct{}{}, b.Input("x", 2), b.Input("y", 3)))
	require.ErrorContains(t, b.Err(), "loss")
	require.ErrorContains(t, b.Err(), "the same shape")
}
