package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

func TestBothMachinesComputeTheSameTraining(t *testing.T) {
	dir := t.TempDir()
	o, err := parse([]string{"-check", "-batch", "8", "-models", "conv,vae,dense", "-isa", strings.Join(isaNames(), ","), "-o", dir}, io.Discard)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, check(context.Background(), o, smallSet(), &out), "%s", &out)
	r, err := report.Load(filepath.Join(dir, "results.json"))
	require.NoError(t, err)
	require.Len(t, r.Checks, 3*2*len(isaNames()))
	for _, c := range r.Checks {
		require.Contains(t, out.String(), "\n"+c.Model+" ")
		require.Zero(t, c.Unexplained, c.Model)
		require.Equal(t, c.Above, c.Rounding+c.Kink+c.Carried, c.Model)
		require.Less(t, known(t, c.Gradients), c.Limit, c.Model)
		require.Positive(t, known(t, c.Weights), c.Model)
	}
}

// faulty is the compiled machine with changes before and after its steps.
type faulty struct {
	vm.Machine
	params *graph.Params
	taken  int
	before func(*graph.Params) // before the step
	after  func(*trainee)      // after the step; it has the parameters before and after
	number func(v float64) float64
}

func (f *faulty) Start() error {
	t := &trainee{params: f.params, before: map[string][]float64{}}
	for _, p := range f.params.All() {
		t.before[p.Name()] = p.Floats()
	}
	if f.before != nil {
		f.before(f.params)
	}
	if err := f.Machine.Start(); err != nil {
		return err
	}
	f.taken++
	t.taken = f.taken
	if f.after != nil {
		f.after(t)
	}
	return nil
}

func (f *faulty) Number(output string) (float64, error) {
	v, err := f.Machine.Number(output)
	if f.number != nil {
		v = f.number(v)
	}
	return v, err
}

// on compiles a program for a machine with the fault.
func (f faulty) on(p *graph.Program) (vm.Machine, error) {
	m, err := cpu.Config{}.Compile(p)
	if err != nil {
		return nil, err
	}
	f.Machine, f.params = m, p.Params()
	return &f, nil
}

// backendFunc is a backend that is a function.
type backendFunc func(*graph.Program) (vm.Machine, error)

func (f backendFunc) Compile(p *graph.Program) (vm.Machine, error) { return f(p) }

// gradientOf is a fault in a tensor's gradients. Adam computes its result from the
// changed gradients.
func gradientOf(name string, change func(step int, g []float64)) faulty {
	return faulty{after: func(t *trainee) {
		first, second := moments(t.params, name)
		if first == "" {
			return // a forward pass only
		}
		g := t.gradient(name)
		change(t.taken, g)
		m, v := t.params.Get(first).Floats(), t.params.Get(second).Floats()
		for i, g := range g {
			m[i] = adamBeta1*t.before[first][i] + (1-adamBeta1)*g
			v[i] = adamBeta2*t.before[second][i] + (1-adamBeta2)*g*g
		}
		w := t.adam(name, g)
		for name, x := range map[string][]float64{name: w, first: m, second: v} {
			_ = t.params.Get(name).SetFloats(x) // the size is right
		}
	}}
}

// checked checks a net with batches of 8 on two machines.
func checked(t *testing.T, model string, p precision, tape, machine vm.Backend) (report.Check, string) {
	t.Helper()
	n := netNamed(model, 8)
	x, err := readBatches(context.Background(), smallSet().Train, 8, checkSteps, 1)
	require.NoError(t, err)
	var out bytes.Buffer
	c := &checker{out: &out}
	wrong, err := c.checkOne(context.Background(), comparison{n, 1, p, tape, machine, x}, "test")
	require.NoError(t, err)
	require.Len(t, c.checks, 1)
	require.Equal(t, wrong, c.checks[0].Wrong)
	require.Equal(t, wrong != "", strings.Contains(out.String(), "UNEXPLAINED"))
	return c.checks[0], out.String()
}

func TestAWrongGradientFailsTheCheck(t *testing.T) {
	scaled := func(by float64) func(int, []float64) {
		return func(_ int, g []float64) {
			for i := range g {
				g[i] *= by
			}
		}
	}
	largestBy := func(by float64, from int) func(int, []float64) {
		return func(step int, g []float64) {
			at := 0
			for i := range g {
				if math.Abs(g[i]) > math.Abs(g[at]) {
					at = i
				}
			}
			if step >= from {
				g[at] *= by
			}
		}
	}
	for _, c := range []struct {
		name, model, in string
		p               precision
		change          func(step int, g []float64)
		wrong           bool
	}{
		{"unchanged", "dense", "encoder/fc1/w", precisions()[0], scaled(1), false},
		{"a tensor by 1e-4", "dense", "encoder/fc1/w", precisions()[0], scaled(1 + 1e-4), true},
		{"a bias by 1e-4", "dense", "decoder/fc1/b", precisions()[0], scaled(1 - 1e-4), true},
		{"an element by 1e-4", "vae", "encoder/logvar/w", precisions()[0], largestBy(1+1e-4, 1), true},
		{"an element in the last step", "conv", "encoder/conv2/w", precisions()[0], largestBy(1+1e-4, checkSteps), true},
		{"the sign of an element", "conv-strided", "decoder/up1/w", precisions()[0], largestBy(-1, 3), true},
		{"NaN", "dense", "encoder/fc2/b", precisions()[0], scaled(math.NaN()), true},
		{"unchanged, float64", "dense", "encoder/fc1/w", precisions()[1], scaled(1), false},
		{"a tensor by 1e-11, float64", "dense", "encoder/fc1/w", precisions()[1], scaled(1 + 1e-11), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, out := checked(t, c.model, c.p, tape.Config{}, backendFunc(gradientOf(c.in, c.change).on))
			if !c.wrong {
				require.Empty(t, r.Wrong, out)
				return
			}
			require.Contains(t, r.Wrong, "the gradient of "+c.in)
			require.Equal(t, r.Above, r.Unexplained)
		})
	}
}

func TestAWrongUpdateOrLossFailsTheCheck(t *testing.T) {
	const name = "encoder/fc2/w"
	moved := faulty{after: func(t *trainee) {
		if first, _ := moments(t.params, name); first != "" {
			p := t.params.Get(name)
			w := p.Floats()
			for i, v := range t.before[name] {
				w[i] += 1e-2 * (w[i] - v) // the step is 1% too long
			}
			_ = p.SetFloats(w)
		}
	}}
	r, _ := checked(t, "dense", precisions()[0], tape.Config{}, backendFunc(moved.on))
	require.Contains(t, r.Wrong, "the step of "+name+" is not Adam's")
	require.Positive(t, r.Unexplained)

	r, _ = checked(t, "dense", precisions()[0], tape.Config{}, backendFunc(faulty{number: func(v float64) float64 { return v * (1 + 1e-4) }}.on))
	require.Contains(t, r.Wrong, "the loss differs by 1.0e-04")
	r, _ = checked(t, "dense", precisions()[0], tape.Config{}, backendFunc(faulty{number: func(float64) float64 { return math.NaN() }}.on))
	require.Contains(t, r.Wrong, "the loss differs by NaN")
}

// The gradient of a pixel that is dark in the whole batch is 0. A small change of it is
// negligible next to the tensor's other gradients, but moves the weight by a full step
// of Adam.
func TestWeightsThatAdamMovesByRoundingAreExplained(t *testing.T) {
	const name = "encoder/fc1/w"
	noise := func(share float64) faulty {
		return gradientOf(name, func(_ int, g []float64) { g[0] += share * largest(g) })
	}
	r, out := checked(t, "dense", precisions()[0], tape.Config{}, backendFunc(noise(1e-6).on))
	require.Empty(t, r.Wrong)
	require.Greater(t, known(t, r.Weights), 1e-4)
	require.Equal(t, 1, r.Above, out)
	require.Equal(t, 1, r.Rounding)
	require.Contains(t, out, "rounding: 1 weights")

	r, _ = checked(t, "dense", precisions()[0], tape.Config{}, backendFunc(noise(2e-5).on))
	require.Contains(t, r.Wrong, "the gradient of "+name)
	require.Equal(t, 1, r.Unexplained)
}

// startAt is a backend that adds bias to one element of a parameter before compiling
// a program.
func startAt(on vm.Backend, name string, unit int, bias float64) vm.Backend {
	return backendFunc(func(p *graph.Program) (vm.Machine, error) {
		addTo(p.Params(), name, unit, bias)
		return on.Compile(p)
	})
}

func addTo(p *graph.Params, name string, at int, v float64) {
	x := p.Get(name).Floats()
	x[at] += v
	_ = p.Get(name).SetFloats(x) // the size is right
}

// In the first step, one activation is 3e-7 above its kink. The machine computes as
// if rounding had reduced it by 6e-7.
func TestAnActivationAtItsKinkIsFoundAndMovedAway(t *testing.T) {
	const name = "encoder/fc1/b"
	x, err := readBatches(context.Background(), smallSet().Train, 8, 1, 1)
	require.NoError(t, err)
	start, err := newTrainee(netNamed("dense", 8), 1, graph.Float32, cpu.Config{})
	require.NoError(t, err)
	defer start.close()
	w, units := start.params.Get("encoder/fc1/w").Floats(), start.params.Get(name).Shape().Size()
	sample, unit, least := 0, 0, math.Inf(1)
	for s := range 8 {
		for u := range units {
			sum := 0.0
			for i, v := range x[0][s*784 : (s+1)*784] {
				sum += float64(v) * w[i*units+u]
			}
			if math.Abs(sum) < math.Abs(least) {
				sample, unit, least = s, u, sum
			}
		}
	}
	onTape := startAt(tape.Config{}, name, unit, 3e-7-least)
	lossy := func(more func(*trainee)) vm.Backend {
		return startAt(backendFunc(faulty{
			before: func(p *graph.Params) { addTo(p, name, unit, -6e-7) },
			after: func(t *trainee) {
				addTo(t.params, name, unit, 6e-7)
				more(t)
			},
		}.on), name, unit, 3e-7-least)
	}
	r, out := checked(t, "dense", precisions()[0], onTape, lossy(func(*trainee) {}))
	require.Empty(t, r.Wrong, out)
	require.Positive(t, r.Kink, out)
	require.Contains(t, out, fmt.Sprintf("step 1: encoder/fc1 map max(a0,0) [%d %d] is 3.0e-07 from its kink", sample, unit))
	require.Contains(t, out, "with 1 darkened samples")

	scaled := gradientOf("encoder/fc1/w", func(_ int, g []float64) {
		for i := range g {
			g[i] *= 1 + 1e-4
		}
	})
	r, out = checked(t, "dense", precisions()[0], onTape, lossy(scaled.after))
	require.Contains(t, r.Wrong, "the gradient of encoder/fc1/w", "a kink does not hide other errors: %s", out)
}

func TestGapsOfAPoolAreToItsSecondLargest(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	s := nonsmoothSite{node: b.Input("x", 1, 1, 2, 4), pool: &lower.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}}
	at := []float64{1, 2, 3, 3, 0, 1.5, 2, 1}
	require.Equal(t, []float64{0.5, 0}, s.gaps(at, at))
	require.Equal(t, []float64{-1, 2}, s.gaps(at, []float64{4, 3, 5, 1, 0, 1.5, 3, 1}))
	require.Equal(t, []int{0, 0, 0, 1}, s.index(1))
}
