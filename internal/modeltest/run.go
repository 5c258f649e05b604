package modeltest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// Inputs maps the names of inputs to their elements.
type Inputs = map[string][]float64

// Loss is the output name that Name gives to the loss of the first task.
const Loss = "loss"

// Metric returns the output name that Name gives to a metric of the first task.
func Metric(name string) string { return "metrics/" + name }

// Name names the outputs of a net's program: the net's own outputs, and the loss and
// metrics of the first task.
func Name(b *graph.Builder, net graph.Net) {
	for name, n := range net.Outputs {
		b.Output(name, n)
	}
	for _, task := range net.Tasks[:min(1, len(net.Tasks))] {
		b.Output(Loss, task.Loss)
		for _, m := range task.Metrics {
			b.Output(Metric(m.Name), m.Node)
		}
	}
}

// Compile compiles the graph of b for Gorgonia's machine and sets its inputs.
func Compile(t testing.TB, b *graph.Builder, in Inputs) vm.Machine {
	t.Helper()
	p, err := b.Program()
	require.NoError(t, err)
	m, err := tape.Config{}.Compile(p)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	for name, x := range in {
		require.NoError(t, m.SetFloats(name, x))
	}
	return m
}

// Draw draws the elements of a program's inputs, except those with a default: whole
// numbers in the range that the program asks for, if it does, else numbers from 0 to 1.
func Draw(p *graph.Program, seed uint64) Inputs {
	r, whole, in := rand.New(rand.NewPCG(seed, 2)), map[string]float64{graph.InputMask: 1}, Inputs{}
	for _, d := range p.Domains() {
		if hi, again := whole[d.Input]; d.Whole && (!again || d.Hi < hi) {
			whole[d.Input] = d.Hi
		}
	}
	for _, i := range p.Inputs() {
		if i.Optional {
			continue
		}
		x := make([]float64, i.Shape.Size())
		for k := range x {
			x[k] = r.Float64()
			if hi, ok := whole[i.Name]; ok {
				x[k] = math.Floor(x[k] * (hi + 1))
			}
		}
		in[i.Name] = x
	}
	return in
}

// Run runs a machine once and returns its outputs by name.
func Run(t testing.TB, m vm.Machine) map[string][]float64 {
	t.Helper()
	require.NoError(t, vm.Run(m))
	out := map[string][]float64{}
	for _, o := range m.Program().Outputs() {
		x, err := m.Floats(o.Name)
		require.NoError(t, err)
		out[o.Name] = x
	}
	return out
}
