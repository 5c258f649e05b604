package seq_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// program is a program with its machine.
type program struct {
	b   *graph.Builder
	net graph.Net
	in  modeltest.Inputs
	m   vm.Machine
}

// newProgram builds a net and draws its inputs. more adds to the graph before it is
// compiled.
func newProgram(t testing.TB, c modeltest.Model, p *graph.Params, batch int, training bool, more func(p *program)) *program {
	t.Helper()
	s := &program{b: graph.New(p, graph.Config{Training: training, Seed: 11})}
	s.net = c.Build(s.b, batch)
	modeltest.Name(s.b, s.net)
	if more != nil {
		more(s)
	}
	require.NoError(t, s.b.Err())
	all, err := s.b.Program()
	require.NoError(t, err)
	s.in = modeltest.Draw(all, 3)
	return s
}

// run compiles the program at the first call, and runs it in an epoch.
func (p *program) run(t testing.TB, epoch int) map[string][]float64 {
	t.Helper()
	if p.m == nil {
		p.m = modeltest.Compile(t, p.b, p.in)
	}
	require.NoError(t, p.m.SetClock(epoch, 0))
	return modeltest.Run(t, p.m)
}

// onCPU compiles the program for the machine that is fast.
func (p *program) onCPU(t testing.TB) {
	t.Helper()
	all, err := p.b.Program()
	require.NoError(t, err)
	p.m, err = cpu.Config{}.Compile(all)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.m.Close()) })
	for name, x := range p.in {
		require.NoError(t, p.m.SetFloats(name, x))
	}
}

// training adds the updates of Adam.
func training(rate float64) func(*program) {
	return func(p *program) { optim.Minimize(p.b, optim.Adam{Rate: &rate}, p.net.Tasks[0]) }
}
