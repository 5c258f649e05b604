package cpu

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
)

// TestEveryOpRunsInKernels walks the registry of ops: in no case of optest, nor in its
// gradient, does a step run on the host or by the interpreter's loops.
func TestEveryOpRunsInKernels(t *testing.T) {
	compiled := map[string]bool{}
	for _, c := range optest.Cases() {
		for _, name := range requireKernels(t, c) {
			compiled[name] = true
		}
	}
	for _, o := range graph.Ops() {
		require.True(t, compiled[o.Name], "no case compiles op %s", o.Name)
	}
}

// requireKernels compiles a case, and its gradient if it has one, and returns the ops
// of the graph.
func requireKernels(t *testing.T, c optest.Case) (ops []string) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{Training: true})
		var in, wrt []*graph.Node
		for i, s := range c.In {
			in = append(in, b.Param(fmt.Sprint("x", i), graph.Normal(0, 1), s...))
			if !slices.Contains(c.NoGrad, i) {
				wrt = append(wrt, in[i])
			}
		}
		var sums []*graph.Node
		for i, y := range c.Build(b, in) {
			b.Output(fmt.Sprint("y", i), y)
			sums = append(sums, b.Sum(y))
		}
		if c.Differentiable(b) {
			for i, d := range b.Grad(b.AddN(sums...), wrt...) {
				b.Output(fmt.Sprint("d", i), d)
			}
		}
		p, err := b.Program()
		require.NoError(t, err, "%s/%s", c.Op, c.Name)
		ops = append(ops, optest.OpsOf(b)...)
		made, err := plan.Make(plan.SourceOf(p), targetOf(dtype))
		require.NoError(t, err)
		for i, s := range made.Steps {
			var runs any
			if dtype == graph.Float32 {
				runs, err = newMaker[float32](made, 2, kernel.Best()).step(i)
			} else {
				runs, err = newMaker[float64](made, 2, kernel.Best()).step(i)
			}
			require.NoError(t, err)
			switch runs.(type) {
			case plainStep[float32], plainStep[float64], hostStep[float32], hostStep[float64]:
				t.Errorf("%s/%s, %v: %v runs in %T", c.Op, c.Name, dtype, s.Prim, runs)
			}
		}
	}
	return ops
}
