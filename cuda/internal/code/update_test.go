package code

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
)

// bowl is a training step without products: weights of several shapes, scaled
// and shifted, and the optimiser's update of each in its own memory.
func bowl(t *testing.T, dtype graph.Dtype, o graph.Optimizer) (step *graph.Program, in map[string][]float64) {
	t.Helper()
	b := graph.New(graph.NewParams(dtype, 1), graph.Config{Training: true})
	x := b.Input("x", 30, 40)
	y := x
	for i, shape := range []graph.Shape{{30, 40}, {40}, {30, 1}, {1, 40}, {1}} {
		y = b.Square(b.Add(y, b.Param(fmt.Sprint("w", i), graph.Normal(0.1, 0.5), shape...)))
		y = b.Map(lower.Tanh(lower.Arg(0)), y)
	}
	big := b.Param("big", graph.Normal(0, 1), 120, 100)
	loss := b.Add(b.Mean(y), b.Mean(b.Square(big)))
	optim.Minimize(b, o, graph.Task{Name: "bowl", Loss: loss})
	b.Output("loss", loss)
	step, err := b.Program()
	require.NoError(t, err)
	at := make([]float64, 1200)
	for i := range at {
		at[i] = float64(i%13)/10 - 0.5
	}
	return step, map[string][]float64{"x": at}
}

// TestUpdatesInPlace runs steps whose results overwrite their operands, and
// compares parameters and the optimiser's state with the CPU's.
func TestUpdatesInPlace(t *testing.T) {
	for name, o := range map[string]graph.Optimizer{"adam": optim.Adam{}, "sgd": optim.SGD{Rate: new(0.1), Momentum: 0.9, Nesterov: true}} {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			t.Run(fmt.Sprint(name, dtype), func(t *testing.T) {
				step, in := bowl(t, dtype, o)
				p := trainsAsTheCPU(t, step, in)
				inPlace := 0
				for _, v := range p.Func.Results()[len(p.Kept):] {
					if p.Values[v].Place == plan.State {
						inPlace++
					}
				}
				require.Greater(t, inPlace, 3)
			})
		}
	}
}

// TestUpdatesReadOldValues swaps two parameters, and sets a third to a large
// value that is also kept.
func TestUpdatesReadOldValues(t *testing.T) {
	need(t)
	const n = 5000
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	var params []*graph.Param
	var nodes []*graph.Node
	for _, name := range []string{"x", "y", "z"} {
		node := b.Param(name, graph.Normal(0, 1), n)
		nodes, params = append(nodes, node), append(params, b.ParamOf(node))
	}
	sum := b.Add(nodes[0], nodes[2])
	b.Output("sum", sum)
	b.Output("y", nodes[1])
	b.Update(nodes[0], nodes[1])
	b.Update(nodes[1], nodes[0])
	b.Update(nodes[2], sum)
	step, err := b.Program()
	require.NoError(t, err)
	p, err := plan.Make(plan.SourceOf(step), plan.Target{Convs: true})
	require.NoError(t, err)
	program, err := Make(p)
	require.NoError(t, err)
	old := make([][]float64, len(params))
	for i, q := range params {
		old[i] = q.Floats()
	}
	want := make([]float64, n)
	for k := range want {
		want[k] = float64(float32(old[0][k]) + float32(old[2][k]))
	}
	values := make([][]float64, len(p.Inputs))
	for i, in := range p.Inputs {
		values[i] = in.Param.Floats()
	}
	m := newMachine(p, program, values)
	require.NoError(t, m.run(7), program.Source)
	require.Equal(t, want, m.result(0))
	require.Equal(t, old[1], m.result(1))
	for i, w := range [][]float64{old[1], old[0], want} {
		require.Equal(t, w, decode(graph.Float32, m.buffers[m.of[Ref{Space: State, Index: i}]]), params[i].Name())
	}
}
