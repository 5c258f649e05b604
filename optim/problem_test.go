package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// The problem of these tests has a matrix w [3,4], a vector b [4] and a scalar s. For
// samples x [N,3] with targets y [N,4], its loss is
//
//	mean((s*tanh(x w + b) - y)^2)
const samples, ins, outs = 6, 3, 4

// wave returns n numbers of a sine.
func wave(n int, step, phase float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Sin(step*float64(i) + phase)
	}
	return out
}

var problemX, problemY = wave(samples*ins, 1.7, 0.3), wave(samples*outs, 2.3, 1)

// tensor is a weight array in plain Go, with its gradient and an optimiser's states.
type tensor struct {
	name  string
	shape []int
	w, g  []float64
	state [4][]float64
}

// problemStart returns the weights to start from.
func problemStart() []*tensor {
	all := []*tensor{
		{name: "w", shape: []int{ins, outs}, w: wave(ins*outs, 0.9, 0.1)},
		{name: "b", shape: []int{outs}, w: wave(outs, 1.3, 2)},
		{name: "s", w: []float64{0.7}},
	}
	for _, p := range all {
		p.g = make([]float64, len(p.w))
		for k := range p.state {
			p.state[k] = make([]float64, len(p.w))
		}
	}
	return all
}

// differentiate sets the gradients of the loss of the samples from first to last.
func differentiate(all []*tensor, first, last int) {
	w, b, s := all[0], all[1], all[2]
	for _, p := range all {
		clear(p.g)
	}
	for n := first; n < last; n++ {
		for j := range outs {
			z := b.w[j]
			for i := range ins {
				z += problemX[n*ins+i] * w.w[i*outs+j]
			}
			a := math.Tanh(z)
			e := 2 * (s.w[0]*a - problemY[n*outs+j]) / float64((last-first)*outs)
			s.g[0] += e * a
			dz := e * s.w[0] * (1 - a*a)
			b.g[j] += dz
			for i := range ins {
				w.g[i*outs+j] += problemX[n*ins+i] * dz
			}
		}
	}
}

// problem builds the loss of n samples.
func problem(b *graph.Builder, n int) *graph.Node {
	of := map[string]*graph.Node{}
	for _, p := range problemStart() {
		of[p.name] = b.Param(p.name, func(_ graph.Draw, _ graph.Shape, x []float64) error { copy(x, p.w); return nil }, p.shape...)
	}
	a := b.Map(tanh, b.Add(b.MatMul(b.Input("x", n, ins), of["w"]), of["b"]))
	return b.Mean(b.Square(b.Sub(b.Mul(of["s"], a), b.Input("y", n, outs))))
}

// backends are those that the optimisers are tested on.
var backends = map[string]vm.Backend{"tape": tape.Config{}, "cpu": cpu.Config{}}

// compiled builds a program and compiles it.
func compiled(t *testing.T, backend vm.Backend, p *graph.Params, build func(b *graph.Builder)) vm.Machine {
	t.Helper()
	b := graph.New(p, graph.Config{Training: true})
	build(b)
	program, err := b.Program()
	require.NoError(t, err)
	m, err := backend.Compile(program)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// flat returns the elements of all weights.
func flat(p *graph.Params) (out []float64) {
	for _, q := range p.Trainable() {
		out = append(out, q.Floats()...)
	}
	return out
}

// trajectory trains the problem and returns all weights after each step.
func trajectory(t *testing.T, backend vm.Backend, p *graph.Params, o graph.Optimizer, steps int) (out [][]float64) {
	t.Helper()
	m := compiled(t, backend, p, func(b *graph.Builder) {
		optim.Minimize(b, o, graph.Task{Name: "fit", Loss: problem(b, samples)})
	})
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	for range steps {
		require.NoError(t, vm.Run(m))
		out = append(out, flat(p))
	}
	return out
}

// rule is a step of an optimiser in plain Go; steps count from 1.
type rule func(step int, all []*tensor)

// follow applies a rule to the problem and returns all weights after each step.
func follow(r rule, steps int) (out [][]float64) {
	all := problemStart()
	for step := 1; step <= steps; step++ {
		differentiate(all, 0, samples)
		r(step, all)
		var weights []float64
		for _, p := range all {
			weights = append(weights, p.w...)
		}
		out = append(out, weights)
	}
	return out
}

// requireFollows checks that an optimiser follows a rule for a hundred steps, on each
// backend. In float32, rounding can change the sign of a number close to 0, and so the
// direction of a step of Lion.
func requireFollows(t *testing.T, r rule, o graph.Optimizer) {
	t.Helper()
	want := follow(r, 100)
	for name, backend := range backends {
		for dtype, tolerance := range map[graph.Dtype]float64{graph.Float64: 1e-10, graph.Float32: 1e-3} {
			t.Run(fmt.Sprint(name, " ", dtype), func(t *testing.T) {
				requireClose(t, want, trajectory(t, backend, graph.NewParams(dtype, 1), o, 100), tolerance)
			})
		}
	}
}

// requireClose compares two trajectories, with a tolerance relative to max(1, |want|).
func requireClose(t *testing.T, want, got [][]float64, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for step := range want {
		require.Len(t, got[step], len(want[step]))
		for i, v := range want[step] {
			if d := math.Abs(got[step][i] - v); !(d <= tolerance*max(1, math.Abs(v))) {
				t.Fatalf("step %d, element %d: got %.17g, want %.17g", step+1, i, got[step][i], v)
			}
		}
	}
}
