package code

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// trainsAsTheCPU runs two training steps of a program and compares what becomes
// of the parameters and the optimiser's state with the CPU's.
func trainsAsTheCPU(t *testing.T, step *graph.Program, given map[string][]float64) *plan.Plan {
	t.Helper()
	need(t)
	p, err := plan.Make(plan.SourceOf(step), plan.Target{Convs: true})
	require.NoError(t, err)
	reference, err := cpu.Config{}.Compile(step)
	require.NoError(t, err)
	defer reference.Close()
	program, err := Make(p)
	require.NoError(t, err)
	values := make([][]float64, len(p.Inputs))
	for i, in := range p.Inputs {
		if in.Clock {
			words := lower.ClockWords(0, 0)
			values[i] = words[:]
			continue
		}
		values[i], err = value.Of(in.Node)
		require.NoError(t, err)
		for name, x := range given {
			if of, _ := step.Input(name); of.Node == in.Node {
				values[i] = x
			}
		}
	}
	for name, x := range given {
		require.NoError(t, reference.SetFloats(name, x))
	}
	m := newMachine(p, program, values)
	near := 1e-5
	dtype := step.Dtype()
	if dtype == graph.Float64 {
		near = 1e-12
	}
	for run := range uint32(2) {
		for i, in := range p.Inputs {
			if in.Clock {
				words := lower.ClockWords(run, 0)
				copy(m.buffers[m.of[Ref{Space: Input, Index: i}]], encode(dtype, words[:]))
			}
		}
		require.NoError(t, m.run(uint64(run)), "%s\n%s", p, program.Source)
		require.NoError(t, vm.Run(reference))
		for i, u := range p.Updates {
			got := decode(dtype, m.buffers[m.of[Ref{Space: State, Index: i}]])
			same(t, u.Param.Floats(), got, near, "%s after step %d", u.Param.Name(), run)
		}
	}
	return p
}

type model interface {
	Build(b *graph.Builder, batch int) graph.Net
}

func TestModelsTrainAsOnTheCPU(t *testing.T) {
	for name, m := range map[string]model{
		"dense":   dense.Config{Input: 30, Hidden: []int{20, 2}},
		"conv":    conv.Config{Size: graph.Pair{8, 8}, Encoder: []int{4, 2}},
		"strided": conv.Config{Size: graph.Pair{8, 8}, Encoder: []int{4, 2}, Strided: true},
		"vae":     vae.Config{Input: 12, Hidden: []int{10}, Latent: 2},
		"lstm":    seq.Config{Steps: 4, Features: 3, Hidden: []int{6, 5}, Code: 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
			net := m.Build(b, 5)
			optim.Minimize(b, optim.SGD{Rate: new(0.1), Momentum: 0.9}, net.Tasks[0])
			b.Output("loss", net.Tasks[0].Loss)
			step, err := b.Program()
			require.NoError(t, err)
			r := rand.New(rand.NewPCG(1, 2))
			x := make([]float64, b.InputNode("x").Shape().TotalSize())
			for i := range x {
				x[i] = r.Float64()
			}
			trainsAsTheCPU(t, step, map[string][]float64{"x": x})
		})
	}
}
