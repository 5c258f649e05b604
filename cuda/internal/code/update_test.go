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
func bowl(t *testing.T, dtype graph.Dtype, o optim.Optimizer) *graph.Builder {
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
	b.Keep(loss)
	require.NoError(t, b.Err())
	in := make([]float64, 1200)
	for i := range in {
		in[i] = float64(i%13)/10 - 0.5
	}
	require.NoError(t, graph.SetFloats(x, in))
	return b
}

// TestUpdatesInPlace runs steps whose results lie over their operands, and
// compares parameters and the optimiser's state with the CPU's.
func TestUpdatesInPlace(t *testing.T) {
	for name, o := range map[string]optim.Optimizer{"adam": optim.Adam{}, "sgd": optim.SGD{Rate: 0.1, Momentum: 0.9, Nesterov: true}} {
		for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
			t.Run(fmt.Sprint(name, dtype), func(t *testing.T) {
				b := bowl(t, dtype, o)
				p := trainsAsTheCPU(t, b, dtype)
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
